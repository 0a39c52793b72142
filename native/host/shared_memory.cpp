#include "host/shared_memory.h"

#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define TACET_FORBID(address, bytes) __asan_poison_memory_region(address, bytes)
#define TACET_PERMIT(address, bytes) __asan_unpoison_memory_region(address, bytes)
#else
#define TACET_FORBID(address, bytes) (void)0
#define TACET_PERMIT(address, bytes) (void)0
#endif

namespace tacet::emulator {

namespace {

constexpr size_t kAlignment = 128;
constexpr size_t kGuard = 128;
constexpr size_t kStaticLimit = 48 * 1024;
constexpr size_t kMostArrays = 256;
constexpr size_t kCapacity = 227 * 1024 + kMostArrays * (kGuard + kAlignment);
constexpr unsigned char kGuardByte = 0xc3;

void poison(unsigned char* target, size_t bytes) {
  const size_t whole = bytes / sizeof(kPoison) * sizeof(kPoison);
  for (size_t i = 0; i < whole; i += sizeof(kPoison)) {
    std::memcpy(target + i, &kPoison, sizeof(kPoison));
  }
  std::memcpy(target + whole, &kPoison, bytes - whole);
}

}  // namespace

size_t shared_memory_limit(int architecture) {
  switch (architecture) {
    case 75:
      return 64 * 1024;
    case 80:
      return 163 * 1024;
    case 86:
    case 89:
    case 120:
      return 99 * 1024;
    case 90:
    case 100:
      return 227 * 1024;
    default:
      return 0;
  }
}

SharedMemory::SharedMemory()
    : memory_(static_cast<unsigned char*>(std::aligned_alloc(kAlignment, kCapacity))) {
  if (memory_ == nullptr) {
    throw std::bad_alloc();
  }
}

SharedMemory::~SharedMemory() {
  TACET_PERMIT(memory_, kCapacity);
  std::free(memory_);
}

void SharedMemory::reset(size_t dynamic_bytes, size_t limit) {
  TACET_PERMIT(memory_, used_);
  used_ = 0;
  static_bytes_ = 0;
  dynamic_bytes_ = dynamic_bytes;
  limit_ = limit;
  arrays_.clear();
  guards_.clear();
  arrays_.push_back({nullptr, "dynamic shared memory", take(dynamic_bytes, kAlignment),
                     dynamic_bytes});
}

unsigned char* SharedMemory::take(size_t bytes, size_t alignment) {
  const size_t start = (used_ + alignment - 1) / alignment * alignment;
  unsigned char* address = memory_ + start;
  poison(address, bytes);
  used_ = start + bytes + kGuard;
  std::memset(address + bytes, kGuardByte, kGuard);
  // The sanitizer catches the access itself; without it the write is found when the block ends.
  TACET_FORBID(address + bytes, kGuard);
  guards_.push_back(address + bytes);
  return address;
}

void* SharedMemory::static_array(const void* site, const char* name, size_t bytes,
                                 size_t alignment) {
  for (const Array& array : arrays_) {
    if (array.site == site) {
      return array.address;
    }
  }
  static_bytes_ += bytes;
  if (static_bytes_ > kStaticLimit || static_bytes_ + dynamic_bytes_ > limit_ ||
      arrays_.size() == kMostArrays) {
    error_ = std::string("shared array '") + name + "' brings the block to " +
             std::to_string(static_bytes_) + " static and " + std::to_string(dynamic_bytes_) +
             " dynamic bytes; the limits are " + std::to_string(kStaticLimit) + " static and " +
             std::to_string(limit_) + " in all";
    return nullptr;
  }
  arrays_.push_back({site, name, take(bytes, alignment < 16 ? 16 : alignment), bytes});
  return arrays_.back().address;
}

void* SharedMemory::dynamic_array(const char* name, size_t offset, size_t bytes,
                                  size_t alignment) {
  if (offset > dynamic_bytes_ || bytes > dynamic_bytes_ - offset) {
    error_ = std::string("dynamic shared array '") + name + "' needs bytes " +
             std::to_string(offset) + " to " + std::to_string(offset + bytes) +
             " but the launch gave " + std::to_string(dynamic_bytes_);
    return nullptr;
  }
  if (offset % alignment != 0) {
    error_ = std::string("dynamic shared array '") + name + "' at offset " +
             std::to_string(offset) + " is not aligned to " + std::to_string(alignment);
    return nullptr;
  }
  return arrays_.front().address + offset;
}

const char* SharedMemory::overrun() {
  TACET_PERMIT(memory_, used_);
  for (size_t i = 0; i < guards_.size(); i++) {
    for (size_t j = 0; j < kGuard; j++) {
      if (guards_[i][j] != kGuardByte) {
        return arrays_[i].name;
      }
    }
  }
  return nullptr;
}

}  // namespace tacet::emulator
