// Why there is no GPU, by what CUDA tells, and what to do about it. Plain C++, so that it is tested where
// there is no CUDA.
#pragma once

#include <string>

#include "common/cuda_codes.h"

namespace tacet {

/** As CUDA counts: 1000 * major + 10 * minor. */
inline std::string cuda_version(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

/**
 * A reason with a remedy.
 *
 * @param code of cudaGetDeviceCount
 * @param driver CUDA version of the driver; 0: there is none
 * @param runtime CUDA version of this library
 */
inline std::string driver_problem(int code, int driver, int runtime) {
  const std::string with = "the NVIDIA driver (CUDA " + cuda_version(driver) + ") ";
  switch (code) {
    case 2:  // MemoryAllocation
      return with + "is out of memory at its start: close other programs that use the GPU";
    case 34:  // StubLibrary
      return "the libcuda.so.1 that was found is the stub of a CUDA toolkit and no driver: take its "
             "folder out of LD_LIBRARY_PATH";
    case 35:  // InsufficientDriver
      if (driver != 0) {
        return "the NVIDIA driver is for CUDA " + cuda_version(driver) +
               " and this library needs CUDA " + cuda_version(runtime) +
               " or newer: install a newer NVIDIA driver";
      }
      break;
    case 803:  // SystemDriverMismatch
      return with + "and its kernel module do not belong together, as after an update: restart the "
                    "machine";
    case 804:  // CompatNotSupportedOnDevice
      return with + "is that of a compatibility package, which this GPU does not support: take its "
                    "folder out of LD_LIBRARY_PATH";
    default:
      break;
  }
  if (driver == 0) {
    return "no NVIDIA driver is installed (libcuda.so.1 was not found or is a stub)";
  }
  if (code == 0 || code == 100) {  // NoDevice
    return with + "reports no GPU; is CUDA_VISIBLE_DEVICES empty, or the container without GPUs?";
  }
  if (is_sticky(code)) {
    return with + "reports an error that stays: see nvidia-smi, and restart the process, else the "
                  "machine";
  }
  return with + "does not start: see nvidia-smi";
}

}  // namespace tacet
