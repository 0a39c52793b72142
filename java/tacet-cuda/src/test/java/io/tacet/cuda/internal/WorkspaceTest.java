package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.cuda.HostExecution;
import io.tacet.cuda.TestBackends;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scratch memory of operations under host execution. */
@Tag("native")
class WorkspaceTest {
  private StreamMemory memory;

  @BeforeEach
  void open() {
    TestBackends.host(HostExecution.DEFAULT).close(); // loads the library
    NativeRuntime runtime = NativeRuntime.host(HostExecution.DEFAULT);
    memory = new StreamMemory(runtime, runtime.createStream(), true);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void whatAnOperationLeftIsGoneWhenTheNextReserves() {
    try (Workspace workspace = new Workspace(memory)) {
      workspace.reserve(1, samples -> 4000);
      long address = workspace.address();
      float[] ones = new float[1000];
      java.util.Arrays.fill(ones, 1);
      memory.write(address, ones, 0, 4000);
      workspace.reserve(1, samples -> 2000);
      assertThat(workspace.address()).isEqualTo(address);
      float[] found = new float[1000];
      memory.read(found, 0, address, 4000);
      assertThat(java.util.Arrays.copyOf(found, 500)).containsOnly(Float.NaN);
    }
  }

  @Test
  void aPassGetsWhatItReservedHoweverMuchThereIs() {
    try (Workspace workspace = new Workspace(memory)) {
      workspace.reserve(1, samples -> 1 << 20);
      long large = workspace.address();
      workspace.reserve(1, samples -> 512);
      assertThat(workspace.bytes()).isEqualTo(512);
      assertThat(workspace.address()).isEqualTo(large);
      workspace.reserve(1, samples -> 1 << 20);
      assertThat(workspace.address()).isEqualTo(large);
    }
  }

  @Test
  void theWordOfAnEarlierOperationIsNotRead() {
    try (Workspace workspace = new Workspace(memory)) {
      memory.write(workspace.word(), new int[] {3}, 0, 4);
      assertThat(workspace.readWord()).isEqualTo(3);
      workspace.word();
      assertThat(workspace.readWord()).isNotEqualTo(3);
    }
  }
}
