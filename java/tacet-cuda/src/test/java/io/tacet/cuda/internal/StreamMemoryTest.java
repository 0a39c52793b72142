package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.cuda.CudaException;
import io.tacet.cuda.DeviceInfo;
import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.StreamCaptureException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which calls reach the device, in which order: over a runtime that writes them down. */
class StreamMemoryTest {
  private static final long STREAM = 5;

  private final Recorder runtime = new Recorder();

  @Test
  void everythingIsInTheOrderOfTheStream() {
    try (StreamMemory memory = new StreamMemory(runtime, STREAM, true)) {
      long address = memory.allocate(64);
      memory.zero(address, 64);
      memory.write(address, new int[2], 4, 4);
      memory.read(new int[2], 4, address, 4);
      memory.synchronize();
      memory.free(address);
    }
    assertThat(runtime.calls)
        .containsExactly(
            "allocate 64 on 5",
            "fill 1000 on 5",
            "write 1000 on 5",
            "read 1000 on 5",
            "synchronize 5",
            "free 1000 on 5",
            "destroy 5",
            "close");
  }

  @Test
  void whileTheStreamIsCapturedWhatWouldEndThatIsRefusedAndNothingIsDone() {
    StreamMemory memory = new StreamMemory(runtime, STREAM, false);
    long address = memory.allocate(64);
    runtime.calls.clear();
    runtime.capturing = true;
    assertRefused("an allocation", () -> memory.allocate(64));
    assertRefused("a copy from the host", () -> memory.write(address, new int[1], 0, 4));
    assertRefused("a copy to the host", () -> memory.read(new int[1], 0, address, 4));
    assertRefused("a wait", memory::synchronize);
    assertRefused("closing the backend", memory::close);
    assertThat(runtime.calls).isEmpty();
    memory.zero(address, 64);
    assertThat(runtime.calls).containsExactly("fill 1000 on 5");
  }

  private static void assertRefused(String what, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(StreamCaptureException.class)
        .hasMessageContaining("stream: expected one that is not being captured for " + what)
        .hasMessageContaining("before cudaStreamBeginCapture");
  }

  @Test
  void whatIsFreedDuringACaptureIsFreedAfterIt() {
    StreamMemory memory = new StreamMemory(runtime, STREAM, true);
    long address = memory.allocate(64);
    runtime.capturing = true;
    memory.free(address);
    assertThat(runtime.calls).doesNotContain("free 1000 on 5");
    runtime.capturing = false;
    memory.allocate(32);
    assertThat(runtime.calls)
        .containsExactly("allocate 64 on 5", "free 1000 on 5", "allocate 32 on 5");
  }

  @Test
  void theStreamAndTheRuntimeStayUntilTheLastArrayIsFreed() {
    StreamMemory memory = new StreamMemory(runtime, STREAM, true);
    long first = memory.allocate(64);
    long second = memory.allocate(64);
    memory.close();
    memory.close();
    memory.free(first);
    assertThat(runtime.calls).doesNotContain("destroy 5", "close");
    memory.free(second);
    assertThat(runtime.calls).endsWith("free 1001 on 5", "destroy 5", "close");
  }

  @Test
  void theStreamOfACallerIsNotTouchedAfterTheBackendIsClosed() {
    StreamMemory memory = new StreamMemory(runtime, STREAM, false);
    long address = memory.allocate(64);
    memory.close();
    runtime.calls.clear();
    memory.read(new int[1], 0, address, 4);
    memory.free(address);
    assertThat(runtime.calls)
        .containsExactly("read 1000 on 2000", "free 1000 on 2000", "destroy 2000", "close");
  }

  @Test
  void withoutArraysTheStreamOfACallerIsOnlyLetGo() {
    StreamMemory memory = new StreamMemory(runtime, STREAM, false);
    memory.free(memory.allocate(64));
    memory.close();
    assertThat(runtime.calls).containsExactly("allocate 64 on 5", "free 1000 on 5", "close");
  }

  @Test
  void memoryWhoseFreeingFailedIsNotFreedTwice() {
    StreamMemory memory = new StreamMemory(runtime, STREAM, true);
    long address = memory.allocate(64);
    runtime.failing = true;
    assertThatThrownBy(() -> memory.free(address)).isInstanceOf(CudaException.class);
    runtime.failing = false;
    memory.close();
    assertThat(runtime.calls)
        .containsExactly("allocate 64 on 5", "free 1000 on 5", "destroy 5", "close");
  }

  /** Writes calls down; addresses count from 1000, streams from 2000. */
  private static final class Recorder implements DeviceRuntime {
    final List<String> calls = new ArrayList<>();
    boolean capturing;
    boolean failing;
    private long address = 1000;

    @Override
    public DeviceInfo info() {
      throw new AssertionError();
    }

    @Override
    public long allocate(long bytes, long stream) {
      calls.add("allocate " + bytes + " on " + stream);
      return address++;
    }

    @Override
    public void free(long memory, long stream) {
      calls.add("free " + memory + " on " + stream);
      if (failing) {
        throw new CudaException("cudaFreeAsync");
      }
    }

    @Override
    public void poison(long memory, long bytes) {
      calls.add("poison " + memory);
    }

    @Override
    public void checkAddress(long memory) {
      throw new AssertionError();
    }

    @Override
    public void fill(long target, int value, long bytes, long stream) {
      calls.add("fill " + target + " on " + stream);
    }

    @Override
    public void copy(long target, long source, long bytes, long stream) {
      throw new AssertionError();
    }

    @Override
    public void write(long target, Object source, long offset, long bytes, long stream) {
      calls.add("write " + target + " on " + stream);
    }

    @Override
    public void read(Object target, long offset, long source, long bytes, long stream) {
      calls.add("read " + source + " on " + stream);
    }

    @Override
    public long createStream() {
      return 2000;
    }

    @Override
    public void destroyStream(long stream) {
      calls.add("destroy " + stream);
    }

    @Override
    public boolean capturing(long stream) {
      return capturing;
    }

    @Override
    public void synchronize(long stream) {
      calls.add("synchronize " + stream);
    }

    @Override
    public void synchronize() {
      throw new AssertionError();
    }

    @Override
    public long createEvent() {
      throw new AssertionError();
    }

    @Override
    public void destroyEvent(long event) {
      throw new AssertionError();
    }

    @Override
    public void record(long event, long stream) {
      throw new AssertionError();
    }

    @Override
    public void await(long event, long stream) {
      throw new AssertionError();
    }

    @Override
    public long nanosBetween(long first, long second) {
      throw new AssertionError();
    }

    @Override
    public void close() {
      calls.add("close");
    }
  }
}
