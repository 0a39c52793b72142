package io.tacet.faults;

import io.tacet.Backend;
import io.tacet.memory.ArrayBytes;
import io.tacet.memory.DType;
import io.tacet.memory.ForeignMemory;
import io.tacet.spi.Kernels;
import io.tacet.spi.Storage;

/** Another backend, one of whose allocations fails as where the heap is full. */
public final class FaultyBackend implements Backend {
  private final Backend backend;
  private final Faults allocations;

  /** Closes the backend when it is closed. */
  public FaultyBackend(Backend backend, Faults allocations) {
    this.backend = backend;
    this.allocations = allocations;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public String description() {
    return backend.description();
  }

  @Override
  public boolean supports(DType type) {
    return backend.supports(type);
  }

  @Override
  public Storage allocateStorage(DType type, long length) {
    if (allocations.now()) {
      throw new OutOfMemoryError(Faults.MESSAGE);
    }
    return backend.allocateStorage(type, length);
  }

  @Override
  public Storage wrapStorage(ForeignMemory memory) {
    return backend.wrapStorage(memory);
  }

  @Override
  public Kernels kernels() {
    return backend.kernels();
  }

  @Override
  public ArrayBytes arrayBytes() {
    return backend.arrayBytes();
  }

  @Override
  public void synchronize() {
    backend.synchronize();
  }

  @Override
  public void close() {
    backend.close();
  }
}
