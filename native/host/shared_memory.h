// A block's shared memory: a poisoned arena with guard zones, which checks the limits of a GPU
// architecture. Drawn on through TACET_SHARED and TACET_DYNAMIC_SHARED.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tacet::emulator {

/** Most bytes of shared memory a block may use on an architecture (90 for sm_90), 0 if unknown. */
size_t shared_memory_limit(int architecture);

/**
 * Fresh memory reads as this word: a NaN as float and as double and, as an integer, far out of
 * every range, so that using it uninitialised shows.
 */
constexpr uint32_t kPoison = 0xfff5a5a5u;

class SharedMemory {
 public:
  SharedMemory();
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  /** Empties the arena for a new block with this many dynamic bytes. */
  void reset(size_t dynamic_bytes, size_t limit);

  /** The static array of a site, allocated when the first thread of the block reaches it. */
  void* static_array(const void* site, const char* name, size_t bytes, size_t alignment);

  /** The dynamic bytes [offset, offset + bytes). */
  void* dynamic_array(const char* name, size_t offset, size_t bytes, size_t alignment);

  /** What went wrong in the last call that returned null. */
  const std::string& error() const { return error_; }

  /** Name of the array after which somebody wrote out of bounds, or null. Lifts all guards. */
  const char* overrun();

 private:
  struct Array {
    const void* site;
    const char* name;
    unsigned char* address;
    size_t bytes;
  };

  unsigned char* take(size_t bytes, size_t alignment);

  unsigned char* memory_;
  size_t used_ = 0;
  size_t dynamic_bytes_ = 0;
  size_t static_bytes_ = 0;
  size_t limit_ = 0;
  std::vector<Array> arrays_;
  std::vector<unsigned char*> guards_;
  std::string error_;
};

}  // namespace tacet::emulator
