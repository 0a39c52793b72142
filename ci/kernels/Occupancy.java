/**
 * How many warps of a kernel a multiprocessor of sm_90 holds, from the tables of the CUDA
 * programming guide. Dynamic shared memory is not in a cubin, so kernels that ask for it may have
 * fewer.
 */
final class Occupancy {
  private static final int WARP = 32;
  private static final int MOST_WARPS = 64;
  private static final int MOST_BLOCKS = 32;
  private static final int REGISTERS = 65536;
  private static final int REGISTER_UNIT = 256;
  private static final int SHARED = 228 * 1024;
  private static final int SHARED_UNIT = 128;

  /** What the system takes of the shared memory of each block. */
  static final int SHARED_OF_SYSTEM = 1024;

  private Occupancy() {}

  static int warps(int threads, int registers, int shared) {
    int warps = ceil(threads, WARP);
    int each = ceil(registers * WARP, REGISTER_UNIT) * REGISTER_UNIT;
    // Warps are dealt out to four partitions, each with a quarter of the registers.
    int byRegisters = 4 * (REGISTERS / 4 / each) / warps;
    int byShared = SHARED / (ceil(shared + SHARED_OF_SYSTEM, SHARED_UNIT) * SHARED_UNIT);
    int most = Math.min(MOST_BLOCKS, MOST_WARPS / warps);
    return Math.min(most, Math.min(byRegisters, byShared)) * warps;
  }

  private static int ceil(int a, int b) {
    return (a + b - 1) / b;
  }
}
