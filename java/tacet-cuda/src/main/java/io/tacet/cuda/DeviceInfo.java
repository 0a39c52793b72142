package io.tacet.cuda;

/**
 * Properties of a device.
 *
 * @param name as the driver gives it
 * @param computeCapability 10 * major + minor, 90 for an H100
 * @param multiprocessors number of streaming multiprocessors
 * @param sharedPerBlock maximum shared memory per block in bytes
 * @param l2Bytes size of the second-level cache
 * @param memoryTotal bytes of device memory
 * @param memoryFree bytes free when asked
 * @param driverVersion newest CUDA version the driver supports, as 1000 * major + 10 * minor
 * @param runtimeVersion CUDA version of the runtime library in use, likewise
 */
public record DeviceInfo(
    String name,
    int computeCapability,
    int multiprocessors,
    long sharedPerBlock,
    long l2Bytes,
    long memoryTotal,
    long memoryFree,
    int driverVersion,
    int runtimeVersion) {

  /** "13.0" for 13000. */
  public static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }

  @Override
  public String toString() {
    return name
        + ", sm_"
        + computeCapability
        + ", "
        + multiprocessors
        + " multiprocessors, "
        + (memoryFree >> 20)
        + " of "
        + (memoryTotal >> 20)
        + " MiB free";
  }
}
