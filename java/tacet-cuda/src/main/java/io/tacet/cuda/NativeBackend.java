package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
import io.tacet.cuda.internal.DirectMemory;
import io.tacet.cuda.internal.JCudaRuntime;
import io.tacet.cuda.internal.NativeKernels;
import io.tacet.cuda.internal.NativeRuntime;
import io.tacet.cuda.internal.NativeStorage;
import io.tacet.cuda.internal.StreamMemory;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.memory.ArrayBytes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import io.tacet.sparse.Synapses;
import io.tacet.spi.Kernels;
import io.tacet.spi.Storage;
import java.util.List;
import java.util.function.Function;
import jcuda.runtime.cudaStream_t;

/**
 * A backend over libtacet: {@code cuda} runs the kernels on a GPU, with streams and events of
 * JCuda; {@code host} executes the same kernels on the CPU, for tests and development.
 *
 * <p>Operations, allocations and copies are issued on {@link #stream}, in order, and wait for no
 * other stream; work on another stream that uses an array has to wait for this one first. Unless
 * the caller gave it, the backend owns that stream. Arrays may be closed after the backend. GPU
 * memory comes from a pool of the backend, which retains freed memory until the backend and all its
 * arrays are closed. Close them before calling {@code cudaDeviceReset}.
 *
 * <p>Operations may be called while the caller captures the stream into a graph, and become part of
 * it; anything that would invalidate the capture is refused with a {@link StreamCaptureException}.
 */
public final class NativeBackend implements Backend {
  private final ArrayBytes arrayBytes = new ArrayBytes();
  private final String name;
  private final int device;
  private final NativeRuntime library;
  private final DeviceRuntime runtime;
  private final StreamMemory memory;

  /** Memory of the whole device; 0 until queried. */
  private long deviceMemory;

  private final NativeKernels kernels;

  private NativeBackend(
      String name, int device, NativeRuntime library, DeviceRuntime runtime, Long callersStream) {
    this.name = name;
    this.device = device;
    this.library = library;
    this.runtime = runtime;
    boolean ownsStream = callersStream == null;
    long stream = ownsStream ? runtime.createStream() : callersStream;
    this.memory = new StreamMemory(runtime, stream, ownsStream);
    this.kernels = new NativeKernels(library, runtime, memory);
  }

  /**
   * Host execution.
   *
   * @throws BackendUnavailableException if the native library does not load
   */
  public static NativeBackend host(HostExecution execution) {
    require("host", Availability.host());
    NativeRuntime library = NativeRuntime.host(execution);
    return new NativeBackend("host", 0, library, library, null);
  }

  /**
   * The GPU with this CUDA ordinal.
   *
   * @throws BackendUnavailableException if there is no usable GPU
   */
  public static NativeBackend cuda(int ordinal) {
    return cuda(ordinal, runtime -> null);
  }

  /**
   * The GPU with this CUDA ordinal, issuing operations on a stream that the caller made with JCuda
   * and destroys after closing the backend.
   *
   * @param stream null for the default stream; not {@code cudaStreamPerThread}
   */
  public static NativeBackend cuda(int ordinal, cudaStream_t stream) {
    return cuda(ordinal, runtime -> runtime.adopt(stream));
  }

  private static NativeBackend cuda(int ordinal, Function<JCudaRuntime, Long> stream) {
    require("cuda", Availability.cuda(ordinal));
    NativeRuntime library = NativeRuntime.cuda(ordinal);
    try {
      JCudaRuntime runtime = new JCudaRuntime(ordinal, library);
      return new NativeBackend("cuda", ordinal, library, runtime, stream.apply(runtime));
    } catch (RuntimeException e) {
      library.close();
      throw e;
    }
  }

  private static void require(String backend, List<String> reasons) {
    if (!reasons.isEmpty()) {
      throw new BackendUnavailableException(backend, reasons);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return runtime.info().toString();
  }

  @Override
  public boolean supports(DType type) {
    return type != DType.FLOAT64;
  }

  @Override
  public Storage allocateStorage(DType type, long length) {
    return NativeStorage.allocate(memory, type, length);
  }

  @Override
  public List<DeviceArray> allocateTogether(List<DType> types, long[]... shapes) {
    return DeviceArray.over(
        this, types, lengths -> NativeStorage.allocate(memory, types, lengths), shapes);
  }

  @Override
  public Storage wrapStorage(ForeignMemory foreign) {
    foreign.checkAlive();
    if (foreign.buffer() == null) {
      memory.checkAddress(foreign.address());
      return NativeStorage.over(memory, foreign.address(), foreign);
    }
    long address = DirectMemory.address(foreign.buffer());
    ForeignMemory.checkAligned(address, foreign.type());
    memory.checkAddress(address);
    return NativeStorage.over(memory, address, foreign);
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  /**
   * The engine that a forward pass uses on this device: {@link EgruEngine#PERSISTENT} only where
   * the weights of the layer fit the device's shared memory.
   */
  public EgruEngine egruEngine(EgruLayer layer, EgruInputs inputs) {
    return egruPlan(layer, inputs).forward().engine();
  }

  /**
   * How both passes run on this device: engines, and the teams of blocks of {@link
   * EgruEngine#PERSISTENT}.
   *
   * @throws IllegalArgumentException if {@code tacet.egru.clusters} is {@code on} and this device
   *     supports no clusters large enough for the layer
   */
  public EgruPlan egruPlan(EgruLayer layer, EgruInputs inputs) {
    return kernels.plan(layer, inputs);
  }

  /**
   * How propagation of events through these synapses runs on this device, with sums in a fixed
   * order and without delays.
   *
   * @param batch samples per step, at least 1
   * @throws IllegalArgumentException if {@code tacet.propagation.sums} has no value that it can
   *     have, or the synapses are on another backend
   */
  public PropagationPlan propagationPlan(Synapses synapses, int batch) {
    if (synapses.backend() != this) {
      throw new IllegalArgumentException(
          "synapses: expected the backend asked, "
              + name()
              + ", got another one, "
              + synapses.backend().name()
              + ".");
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected at least 1, got " + batch + ".");
    }
    return kernels.plan(synapses, batch);
  }

  /**
   * The implementation of dense products: a version of cuBLAS, or Tacet's own kernel with the
   * reason.
   */
  public String denseProducts() {
    return kernels.products();
  }

  /** Memory, streams and events of this backend's device. */
  public DeviceRuntime runtime() {
    return runtime;
  }

  /** CUDA ordinal of the device; 0 for {@code host}. */
  public int device() {
    return device;
  }

  /** Handle of the stream ({@code cudaStream_t}) on which operations are issued. */
  public long stream() {
    return memory.stream();
  }

  /** The {@code tacet_context*} for calls of the C ABI. */
  public long context() {
    return library.context();
  }

  @Override
  public ArrayBytes arrayBytes() {
    return arrayBytes;
  }

  @Override
  public void synchronize() {
    memory.synchronize();
  }

  /** On a GPU its total memory; on {@code host} the maximum Java heap. */
  @Override
  public long memory() {
    if (library == runtime) {
      return Backend.super.memory();
    }
    if (deviceMemory == 0) {
      deviceMemory = runtime.info().memoryTotal();
    }
    return deviceMemory;
  }

  @Override
  public void close() {
    memory
        .callers()
        .run(
            () -> {
              memory.checkClosable();
              kernels.close();
              memory.close();
            });
  }
}
