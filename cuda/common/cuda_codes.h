// What codes of the CUDA runtime mean for those who go on. Plain C++ over the numbers of
// driver_types.h (CUDA 13.0), so that it is tested where there is no CUDA.
#pragma once

namespace tacet {

/**
 * Whether an error stays until the process ends: every later call fails with it too. The codes whose
 * description in the header says so, uncorrectable faults of memory and of links, and a context that
 * is gone with everything that was allocated in it. A table, because asking the device itself means
 * to wait for it, which never ends where a kernel hangs.
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
