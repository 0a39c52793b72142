package io.tacet.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Arrays shared with ONNX Runtime, and copies; the model adds an input to itself. */
@Tag("native")
class OrtTensorsTest {
  private final Backend host = Backends.open("host");
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final RuntimeCounts before = RuntimeCounts.now();

  @AfterEach
  void nothingLeaks() {
    host.close();
    assertThat(Leaks.open()).isZero();
  }

  private RuntimeCounts since() {
    return RuntimeCounts.now().minus(before);
  }

  @Test
  void aSessionReadsAnArrayAndWritesIntoAnother() throws OrtException {
    try (OrtSession session = environment.createSession(AddModel.bytes(2, 3));
        DeviceArray in = host.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        DeviceArray out = host.of(new float[6], 2, 3);
        OnnxTensor x = OrtTensors.view(environment, in);
        OnnxTensor y = OrtTensors.view(environment, out)) {
      RuntimeCounts loaded = since();
      session.run(Map.of("x", x), Map.of("y", y)).close();
      assertThat(since().minus(loaded).copiesFromHost()).isZero();
      assertThat(since().minus(loaded).copiesToHost()).isZero();
      assertThat(out.toFloats()).containsExactly(2, 4, 6, 8, 10, 12);
      in.zero();
      session.run(Map.of("x", x), Map.of("y", y)).close();
      assertThat(out.toFloats()).containsOnly(0);
    }
  }

  @Test
  void aTensorKeepsTheMemoryOfAnArrayThatHasBeenClosed() throws OrtException {
    DeviceArray array = host.of(new float[] {1, 2, 3, 4});
    try (OnnxTensor tensor = OrtTensors.view(environment, array)) {
      array.close();
      for (int k = 0; k < 50; k++) {
        System.gc();
        host.of(new float[] {-1, -1, -1, -1}).close();
      }
      assertThat((float[]) tensor.getValue()).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void anArraySharesTheMemoryOfATensorMadeFromABuffer() throws OrtException {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder()).asFloatBuffer();
    OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, new long[] {2, 2});
    try (DeviceArray array = OrtTensors.view(host, tensor)) {
      assertThat(array.shape()).containsExactly(2, 2);
      array.copyFrom(new float[] {1, 2, 3, 4});
      assertThat(buffer.get(3)).isEqualTo(4);
      assertThat((float[][]) tensor.getValue()).isDeepEqualTo(new float[][] {{1, 2}, {3, 4}});
      tensor.close();
      assertThat(array.toFloats()).containsExactly(1, 2, 3, 4);
    }
    assertThatThrownBy(() -> OrtTensors.view(host, tensor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tensor: expected an open one");
  }

  @Test
  void whatASessionMadeIsCopiedOrRefused() throws OrtException {
    try (Backend java = Backends.open("java");
        OrtSession session = environment.createSession(AddModel.bytes(1, 2));
        DeviceArray in = java.of(new float[] {1, 2}, 1, 2);
        OnnxTensor x = OrtTensors.copyOf(environment, in);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      OnnxTensor y = (OnnxTensor) result.get(0);
      assertThatThrownBy(() -> OrtTensors.view(host, y))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor: expected one made from a buffer")
          .hasMessageContaining("pinned output");
      try (DeviceArray onHeap = OrtTensors.copyOf(java, y);
          DeviceArray onHost = OrtTensors.copyOf(host, y)) {
        assertThat(onHeap.toFloats()).containsExactly(2, 4);
        assertThat(onHost.toFloats()).containsExactly(2, 4);
      }
    }
  }

  @Test
  void otherTypesAndBackendsAreRefused() throws OrtException {
    try (Backend java = Backends.open("java");
        OnnxTensor longs = OnnxTensor.createTensor(environment, new long[] {1, 2});
        OnnxTensor floats = OnnxTensor.createTensor(environment, new float[] {1, 2});
        DeviceArray shorts = host.of(new short[] {1});
        DeviceArray onHeap = java.of(new float[] {1})) {
      assertThatThrownBy(() -> OrtTensors.copyOf(host, longs))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor: expected FLOAT, DOUBLE or INT32, got INT64");
      assertThatThrownBy(() -> OrtTensors.view(environment, shorts))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got UINT16");
      assertThatThrownBy(() -> OrtTensors.view(environment, onHeap))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("on the java backend");
      assertThatThrownBy(() -> OrtTensors.view(java, floats))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("memory: expected all of a Java array");
    }
  }
}
