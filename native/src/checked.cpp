#include "checked.h"

#ifdef TACET_CHECKED

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) (void)0
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) (void)0
#endif

namespace tacet::checked {

namespace {

constexpr unsigned char kPattern = 0xA5;

/** Most bytes of freed memory that are kept. */
constexpr size_t kMostFreed = 16 << 20;

struct Block {
  size_t bytes;
  const void* runtime;
  bool open;
};

struct Registry {
  std::mutex mutex;
  std::set<const void*> contexts;
  /** By address, those that are freed but kept included. */
  std::map<uintptr_t, Block> blocks;
  /** Freed, in this order. */
  std::deque<uintptr_t> freed;
  size_t freed_bytes = 0;

  ~Registry() {
    while (!freed.empty()) {
      give_back();
    }
  }

  /** The block that was freed first. */
  void give_back() {
    const auto oldest = blocks.find(freed.front());
    void* address = reinterpret_cast<void*>(oldest->first);
    ASAN_UNPOISON_MEMORY_REGION(address, oldest->second.bytes);
    std::free(address);
    freed_bytes -= oldest->second.bytes;
    blocks.erase(oldest);
    freed.pop_front();
  }
};

Registry& registry() {
  static Registry instance;
  return instance;
}

uintptr_t number(const void* address) { return reinterpret_cast<uintptr_t>(address); }

std::string text(const void* address) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "0x%llx",
                static_cast<unsigned long long>(number(address)));
  return buffer;
}

[[noreturn]] void refuse(const std::string& what) { throw Error(Status::kInvalidArgument, what); }

/** The block that an address is in; null if there is none. */
std::pair<const uintptr_t, Block>* find(Registry& all, const void* address) {
  auto next = all.blocks.upper_bound(number(address));
  if (next == all.blocks.begin()) {
    return nullptr;
  }
  auto& block = *--next;
  return number(address) < block.first + block.second.bytes ? &block : nullptr;
}

void require_zone(uintptr_t begin, const Block& block) {
  const auto* zone = reinterpret_cast<const unsigned char*>(begin + block.bytes);
  for (size_t k = 0; k < kZone; k++) {
    if (zone[k] != kPattern) {
      throw Error(Status::kMisuse, "byte " + std::to_string(k) + " behind a block of " +
                                       std::to_string(block.bytes) + " bytes was written");
    }
  }
}

}  // namespace

void context_opened(const void* context) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.contexts.insert(context);
}

void context_closed(const void* context, const void* runtime) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  size_t open = 0;
  for (const auto& [begin, block] : all.blocks) {
    open += block.open && block.runtime == runtime ? 1 : 0;
  }
  if (open > 0) {
    refuse("context: expected one whose memory is freed, got one with " + std::to_string(open) +
           " open blocks");
  }
  all.contexts.erase(context);
}

void require_context(const void* context) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.contexts.count(context) == 0) {
    refuse("context: expected an open context, got " + text(context) + ", which is none");
  }
}

void block_opened(void* address, size_t bytes, const void* runtime) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  std::memset(static_cast<char*>(address) + bytes, kPattern, kZone);
  all.blocks[number(address)] = {bytes, runtime, true};
}

void block_closed(void* address, const void* runtime) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.blocks.find(number(address));
  if (found == all.blocks.end() || !found->second.open || found->second.runtime != runtime) {
    refuse("address: expected open memory of this context, got " + text(address));
  }
  require_zone(found->first, found->second);
  found->second.open = false;
  ASAN_POISON_MEMORY_REGION(address, found->second.bytes);
  all.freed.push_back(found->first);
  all.freed_bytes += found->second.bytes;
  while (all.freed_bytes > kMostFreed) {
    all.give_back();
  }
}

void require_inside(const char* what, const void* address, size_t bytes) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto* block = find(all, address);
  if (block == nullptr) {
    return;  // memory of others
  }
  if (!block->second.open) {
    refuse(std::string(what) + ": expected open memory, got " + text(address) +
           ", which was freed");
  }
  const size_t left = block->first + block->second.bytes - number(address);
  if (bytes > left) {
    refuse(std::string(what) + ": expected at most " + std::to_string(left) +
           " bytes, which are left of the block, got " + std::to_string(bytes));
  }
}

void require_open(const void* address) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto* block = address == nullptr ? nullptr : find(all, address);
  if (block != nullptr && !block->second.open) {
    refuse("expected addresses of open memory, got " + text(address) + ", which was freed");
  }
}

void require_whole() {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  for (const auto& [begin, block] : all.blocks) {
    if (block.open) {
      require_zone(begin, block);
    }
  }
}

void refuse_null(int argument) {
  refuse("argument " + std::to_string(argument) + ": expected an address, got null");
}

void refuse_unaligned(int argument, const void* address, size_t alignment) {
  refuse("argument " + std::to_string(argument) + ": expected a multiple of " +
         std::to_string(alignment) + " as the address, got " + text(address));
}

}  // namespace tacet::checked

#endif
