package io.tacet.cuda.internal;

import io.tacet.cuda.NativeBackend;
import io.tacet.memory.DeviceArray;

/**
 * The kernels by which the benchmarks measure the peak rates of a device, issued on the stream of a
 * backend. tacet_ceilings.h says what each does; shapes are those given there.
 */
public final class NativeCeilings {
  public static final int THREADS = Tacet.TACET_CEILING_THREADS;
  public static final int CHAINS = Tacet.TACET_CEILING_CHAINS;
  public static final int TILE = Tacet.TACET_CEILING_TILE;
  public static final int DEPTH = Tacet.TACET_CEILING_DEPTH;

  private final long context;
  private final long stream;
  private final int blocks;

  /**
   * @param blocks of every launch
   */
  public NativeCeilings(NativeBackend backend, int blocks) {
    this.context = backend.context();
    this.stream = backend.stream();
    this.blocks = blocks;
  }

  /** Blocks of every launch but that of {@link #barriers}. */
  public int blocks() {
    return blocks;
  }

  /** Random numbers in [0, 1). */
  public void fill(DeviceArray values, long seed) {
    Calls.check(Tacet.tacet_ceiling_fill(context, values.address(), values.length(), seed, stream));
  }

  /** Copies the first {@code count} floats. */
  public void copy(DeviceArray source, DeviceArray target, long count, int passes) {
    Calls.check(
        Tacet.tacet_ceiling_copy(
            context, source.address(), target.address(), count, passes, blocks, stream));
  }

  /** Sums of the first rows of a table, one for each block. */
  public void gather(DeviceArray table, long rows, long row, int passes, DeviceArray sums) {
    Calls.check(
        Tacet.tacet_ceiling_gather(
            context, table.address(), rows, row, passes, blocks, sums.address(), stream));
  }

  /** Additions to the first words of an array. */
  public void add(DeviceArray window, long words, int width, boolean coalesced, int adds) {
    Calls.check(
        Tacet.tacet_ceiling_add(
            context, window.address(), words, width, coalesced ? 1 : 0, adds, blocks, stream));
  }

  /** Additions in shared memory, of integers or of floats by the type of the array. */
  public void sharedAdd(int degree, int adds, DeviceArray words) {
    Calls.check(
        switch (words.type()) {
          case INT32 ->
              Tacet.tacet_ceiling_shared_add_int(
                  context, degree, adds, blocks, words.address(), stream);
          case FLOAT32 ->
              Tacet.tacet_ceiling_shared_add_float(
                  context, degree, adds, blocks, words.address(), stream);
          default ->
              throw new IllegalArgumentException(
                  "words: expected INT32 or FLOAT32, got " + words.type() + ".");
        });
  }

  /** Multiply-adds in registers. */
  public void fma(float factor, float summand, int iterations, DeviceArray results) {
    Calls.check(
        Tacet.tacet_ceiling_fma(
            context, factor, summand, iterations, blocks, results.address(), stream));
  }

  /** Products of bfloat16 by tensor cores. */
  public void mma(DeviceArray a, DeviceArray b, int iterations, DeviceArray results) {
    Calls.check(
        Tacet.tacet_ceiling_mma(
            context, a.address(), b.address(), iterations, blocks, results.address(), stream));
  }

  /** Barriers over a grid of that many blocks. */
  public void barriers(int barriers, int gridBlocks, DeviceArray counter) {
    Calls.check(
        Tacet.tacet_ceiling_barriers(context, barriers, gridBlocks, counter.address(), stream));
  }

  /**
   * A graph of empty kernels.
   *
   * @param counter null, or what every node adds 1 to
   */
  public Graph nodes(int nodes, DeviceArray counter) {
    long[] graph = new long[1];
    Calls.check(Tacet.tacet_ceiling_nodes(context, nodes, Words.address(counter), graph));
    return new Graph(graph[0]);
  }

  /** Host memory that the device copies from and to at full speed. */
  public Pinned pinned(long bytes) {
    long[] address = new long[1];
    Calls.check(Tacet.tacet_allocate_pinned(context, bytes, address));
    return new Pinned(address[0], bytes);
  }

  /** Work that is launched together. */
  public final class Graph implements AutoCloseable {
    private final long handle;

    private Graph(long handle) {
      this.handle = handle;
    }

    public void launch() {
      Calls.check(Tacet.tacet_graph_launch(context, handle, stream));
    }

    @Override
    public void close() {
      Calls.check(Tacet.tacet_graph_destroy(context, handle));
    }
  }

  /** Page-locked memory. */
  public final class Pinned implements AutoCloseable {
    private final long address;
    private final long bytes;

    private Pinned(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    /** Copies all of it into the array. */
    public void toDevice(DeviceArray target) {
      Calls.check(Tacet.tacet_copy_from_host(context, target.address(), address, bytes, stream));
    }

    /** Fills it from the array. */
    public void fromDevice(DeviceArray source) {
      Calls.check(Tacet.tacet_copy_to_host(context, address, source.address(), bytes, stream));
    }

    @Override
    public void close() {
      Calls.check(Tacet.tacet_free_pinned(context, address));
    }
  }
}
