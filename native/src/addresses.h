// Whether kernels of a GPU may be given an address, by what CUDA tells of it. Plain C++, so that it is
// tested where there is no CUDA.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace tacet {

/** The numbers of cudaMemoryType. */
enum class MemoryType : int { kUnregistered = 0, kHost = 1, kDevice = 2, kManaged = 3 };

/** What is wrong with the address; empty if nothing is. Managed memory belongs to every GPU. */
inline std::string address_problem(const void* address, MemoryType type, int owner, int ordinal) {
  std::string found;
  switch (type) {
    case MemoryType::kManaged:
      return "";
    case MemoryType::kDevice:
      if (owner == ordinal) {
        return "";
      }
      found = "in memory of GPU " + std::to_string(owner);
      break;
    case MemoryType::kHost:
      found = "in page-locked memory of the host";
      break;
    default:
      found = "which CUDA does not know: memory of the host, or freed";
  }
  char number[32];
  std::snprintf(number, sizeof(number), "0x%llx",
                static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(address)));
  return "address: expected memory of GPU " + std::to_string(ordinal) +
         " or managed memory, got " + number + ", " + found;
}

}  // namespace tacet
