// What a debug build (-DTACET_CHECKED=ON) makes sure of before an operation begins: that the context is
// open, and that addresses are there, aligned, and of memory that has not been freed; and afterwards
// that nothing was written behind a block. So that a mistake of a binding gives an error and reaches no
// memory. Other builds leave all of it out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "common/error.h"

namespace tacet {

/** An address that an operation does without where it is null. */
template <typename T>
struct Optional {
  T* address;
  operator T*() const { return address; }  // as the launchers take it
};

template <typename T>
Optional<T> optional(T* address) {
  return {address};
}

#ifdef TACET_CHECKED

namespace checked {

/** Bytes behind each block of host memory; none where the address sanitizer has its own. */
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kZone = 0;
#else
constexpr size_t kZone = 256;
#endif

void context_opened(const void* context);

/** Throws where memory of the context's runtime is open. */
void context_closed(const void* context, const void* runtime);

/** Throws unless the context is open. */
void require_context(const void* context);

/** @param address of bytes + kZone bytes */
void block_opened(void* address, size_t bytes, const void* runtime);

/** Throws unless it is a block that is open. Its memory is given back later, so that nobody else has it
 *  as long as its address is known as that of freed memory. */
void block_closed(void* address, const void* runtime);

/** Throws where the bytes begin in a block and leave it, or are in memory that was freed. */
void require_inside(const char* what, const void* address, size_t bytes);

/** Throws for memory that was freed. */
void require_open(const void* address);

/** Throws where something was written behind a block. */
void require_whole();

[[noreturn]] void refuse_null(int argument);
[[noreturn]] void refuse_unaligned(int argument, const void* address, size_t alignment);

template <typename T>
void inspect_address(const T* address, int argument) {
  if (reinterpret_cast<uintptr_t>(address) % alignof(T) != 0) {
    refuse_unaligned(argument, address, alignof(T));
  }
  require_open(address);
}

/** Elements of arrays in the memory of a context; others are the library's own. */
template <typename T>
constexpr bool is_element =
    std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, int32_t> ||
    std::is_same_v<T, uint32_t> || std::is_same_v<T, uint16_t>;

template <typename T>
void inspect(T* address, int argument) {
  if constexpr (is_element<std::remove_const_t<T>>) {
    if (address == nullptr) {
      refuse_null(argument);
    }
    inspect_address(address, argument);
  }
}

template <typename T>
void inspect(const Optional<T>& optional, int argument) {
  inspect_address(optional.address, argument);
}

/** A view: whatever of it is an address. */
template <typename View>
void inspect(const View& view, int) {
  static_assert(std::is_trivially_copyable_v<View>, "views are plain numbers and addresses");
  if constexpr (sizeof(View) >= sizeof(void*)) {
    const char* bytes = reinterpret_cast<const char*>(&view);
    for (size_t at = 0; at + sizeof(void*) <= sizeof(View); at += sizeof(void*)) {
      const void* word;
      __builtin_memcpy(&word, bytes + at, sizeof(word));
      require_open(word);
    }
  }
}

template <typename... Arguments>
void inspect_all(const Arguments&... arguments) {
  int argument = 0;
  (inspect(arguments, ++argument), ...);
}

}  // namespace checked

#define TACET_INSPECT(...) ::tacet::checked::inspect_all(__VA_ARGS__)
#define TACET_WHOLE() ::tacet::checked::require_whole()

#else

#define TACET_INSPECT(...) (void)0
#define TACET_WHOLE() (void)0

#endif

}  // namespace tacet
