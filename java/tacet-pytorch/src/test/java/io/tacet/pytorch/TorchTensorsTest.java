package io.tacet.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Arrays shared with libtorch on the CPU, and copies. */
@Tag("native")
class TorchTensorsTest {
  private final Backend host = Backends.open("host");
  private final RuntimeCounts before = RuntimeCounts.now();

  @AfterEach
  void nothingLeaks() {
    host.close();
    assertThat(Leaks.open()).isZero();
    assertThat(LentMemory.count()).isZero();
  }

  private RuntimeCounts since() {
    return RuntimeCounts.now().minus(before);
  }

  @Test
  void aTensorSharesTheMemoryOfAnArray() {
    try (DeviceArray array = host.allocate(DType.FLOAT32, 2, 3);
        Tensor view = TorchTensors.view(array);
        Scalar two = new Scalar(2f);
        Tensor same = view.add_(two)) {
      assertThat(view.shape()).containsExactly(2, 3);
      assertThat(view.data_ptr().address()).isEqualTo(array.address());
      assertThat(same.is_same(view)).isTrue();
      assertThat(since().copiesToHost()).isZero();
      assertThat(array.toFloats()).containsOnly(2);
      array.zero();
      assertThat(view.sum().item_float()).isZero();
    }
  }

  @Test
  void aTensorKeepsTheMemoryOfAnArrayThatHasBeenClosedUntilTheLastIsReleased() {
    DeviceArray array = host.of(new float[] {1, 2, 3, 4});
    Tensor whole = TorchTensors.view(array);
    Tensor part = whole.narrow(0, 1, 2);
    array.close();
    whole.close();
    for (int k = 0; k < 50; k++) {
      host.of(new float[] {-1, -1, -1, -1}).close();
    }
    assertThat(LentMemory.count()).isOne();
    assertThat(part.sum().item_float()).isEqualTo(5);
    part.close();
    assertThat(LentMemory.count()).isZero();
  }

  @Test
  void twoTensorsOverOneArrayAreCountedEach() {
    try (DeviceArray array = host.of(new int[] {1, 2})) {
      Tensor first = TorchTensors.view(array);
      Tensor second = TorchTensors.view(array);
      assertThat(LentMemory.count()).isEqualTo(2);
      first.close();
      assertThat(LentMemory.count()).isOne();
      second.close();
    }
  }

  @Test
  void kernelsComputeInTheMemoryOfATensor() {
    try (Tensor tensor = AbstractTensor.create(new float[] {-1, 2, -3, 4}, 2, 2);
        DeviceArray array = TorchTensors.view(host, tensor)) {
      assertThat(array.shape()).containsExactly(2, 2);
      Dense.activate(array, Activation.RELU);
      assertThat(since().copiesFromHost()).isZero();
      assertThat(tensor.sum().item_float()).isEqualTo(6);
      tensor.zero_();
      assertThat(array.toFloats()).containsOnly(0);
    }
  }

  @Test
  void anArrayHasAShareInTheMemoryOfATensor() {
    Tensor tensor = AbstractTensor.create(new float[] {1, 2, 3});
    try (Tensor other = new Tensor(tensor)) {
      DeviceArray array = TorchTensors.view(host, tensor);
      assertThat(other.use_count()).isEqualTo(3);
      tensor.close();
      assertThat(array.toFloats()).containsExactly(1, 2, 3);
      array.close();
      assertThat(other.use_count()).isOne();
      assertThatThrownBy(array::toFloats).isInstanceOf(IllegalStateException.class);
    }
    assertThatThrownBy(() -> TorchTensors.view(host, tensor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tensor: expected an open one");
  }

  @Test
  void aTensorThatIsNotContiguousIsCopiedOrRefused() {
    try (Tensor rows = AbstractTensor.create(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor columns = rows.t()) {
      assertThatThrownBy(() -> TorchTensors.view(host, columns))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor: expected a contiguous one, got shape [3, 2]")
          .hasMessageContaining("strides [1, 3]")
          .hasMessageContaining("call .contiguous()");
      try (DeviceArray copy = TorchTensors.copyOf(host, columns)) {
        assertThat(copy.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      }
    }
  }

  @Test
  void otherTensorsAreRefused() {
    try (Tensor longs = AbstractTensor.create(1L, 2L);
        Tensor wide = AbstractTensor.create(1.0, 2.0);
        Tensor none = torch.empty(0);
        DeviceArray shorts = host.of(new short[] {1})) {
      assertThatThrownBy(() -> TorchTensors.view(host, longs))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor: expected Float, Double or Int, got Long");
      assertThatThrownBy(() -> TorchTensors.view(host, wide))
          .hasMessageContaining("the host backend does not support FLOAT64");
      assertThatThrownBy(() -> TorchTensors.view(host, none)).hasMessageContaining("an empty one");
      assertThatThrownBy(() -> TorchTensors.view(shorts))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got UINT16");
    }
  }

  @Test
  void theJavaBackendCopies() {
    try (Backend java = Backends.open("java");
        Tensor tensor = AbstractTensor.create(1.0, 2.0, 3.0)) {
      assertThatThrownBy(() -> TorchTensors.view(java, tensor))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the java backend computes on the heap");
      try (DeviceArray array = TorchTensors.copyOf(java, tensor);
          Tensor back = TorchTensors.copyOf(array)) {
        assertThat(array.toDoubles()).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> TorchTensors.view(array))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("on the java backend");
        assertThat(torch.allclose(tensor, back)).isTrue();
      }
    }
  }
}
