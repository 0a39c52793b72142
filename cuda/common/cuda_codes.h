// Classifies error codes of the CUDA runtime. Plain C++ over the values in driver_types.h (CUDA
// 13.0), so that it can be tested without CUDA.
#pragma once

namespace tacet {

/**
 * Whether an error is sticky: every later call of the process fails with it too. These are the
 * codes documented as such in the header, uncorrectable memory and link faults, and a destroyed
 * context, which takes all its allocations with it. A table, because querying the device means
 * waiting for it, which never returns if a kernel hangs.
 */
constexpr bool is_sticky(int code) {
  switch (code) {
    case 214:  // ECCUncorrectable
    case 220:  // NvlinkUncorrectable
    case 226:  // Contained
    case 700:  // IllegalAddress
    case 702:  // LaunchTimeout
    case 709:  // ContextIsDestroyed
    case 710:  // Assert
    case 714:  // HardwareStackError
    case 715:  // IllegalInstruction
    case 716:  // MisalignedAddress
    case 717:  // InvalidAddressSpace
    case 718:  // InvalidPc
    case 719:  // LaunchFailure
    case 721:  // TensorMemoryLeak
    case 810:  // MpsClientTerminated
    case 911:  // ExternalDevice
      return true;
    default:
      return false;
  }
}

/**
 * Whether a launch fails like that where an attribute of its kernel is no longer set: more dynamic
 * shared memory or a larger cluster than without asking, or more blocks than are resident.
 */
constexpr bool may_lack_attributes(int code) {
  return code == 1      // InvalidValue
         || code == 720   // CooperativeLaunchTooLarge
         || code == 912;  // InvalidClusterSize
}

}  // namespace tacet
