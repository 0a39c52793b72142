package io.tacet.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Arrays shared with PyTorch by DJL, and copies. */
@Tag("native")
class DjlArraysTest {
  private final Backend host = Backends.open("host");
  private final NDManager manager = NDManager.newBaseManager();
  private RuntimeCounts before;

  @BeforeEach
  void count() {
    before = RuntimeCounts.now();
  }

  @AfterEach
  void nothingLeaks() {
    manager.close();
    host.close();
    assertThat(Leaks.open()).isZero();
  }

  private RuntimeCounts since() {
    return RuntimeCounts.now().minus(before);
  }

  @Test
  void anNdArraySharesTheMemoryOfAnArray() {
    try (DeviceArray row = host.of(new float[] {1, 0, -1});
        DeviceArray array = host.allocate(DType.FLOAT32, 2, 3)) {
      NDArray view = DjlArrays.view(manager, array);
      assertThat(view.getShape()).isEqualTo(new Shape(2, 3));
      view.addi(2);
      Dense.addToRows(array, row);
      assertThat(view.toFloatArray()).containsExactly(3, 2, 1, 3, 2, 1);
      assertThat(since().copiesToHost()).isZero();
      assertThat(array.toFloats()).containsExactly(3, 2, 1, 3, 2, 1);
    }
  }

  @Test
  void anNdArrayKeepsTheMemoryOfAnArrayThatHasBeenClosed() {
    DeviceArray array = host.of(new float[] {1, 2, 3, 4});
    NDArray view = DjlArrays.view(manager, array);
    array.close();
    for (int k = 0; k < 50; k++) {
      System.gc();
      host.of(new float[] {-1, -1, -1, -1}).close();
    }
    assertThat(view.toFloatArray()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void kernelsComputeInTheMemoryOfAnNdArray() {
    NDArray numbers = manager.create(new float[] {-1, 2, -3, 4}, new Shape(2, 2));
    try (DeviceArray array = DjlArrays.view(host, numbers)) {
      assertThat(array.shape()).containsExactly(2, 2);
      Dense.activate(array, Activation.RELU);
      assertThat(since().copiesFromHost()).isZero();
      assertThat(numbers.toFloatArray()).containsExactly(0, 2, 0, 4);
      numbers.muli(2);
      assertThat(array.toFloats()).containsExactly(0, 4, 0, 8);
    }
    assertThat(numbers.toFloatArray()).containsExactly(0, 4, 0, 8);
  }

  @Test
  void anNdArrayThatHasBeenClosedIsAnError() {
    NDArray numbers = manager.create(new int[] {1, 2});
    try (DeviceArray array = DjlArrays.view(host, numbers)) {
      assertThat(array.toInts()).containsExactly(1, 2);
      numbers.close();
      assertThatThrownBy(array::toInts)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has been closed by its owner");
    }
    assertThatThrownBy(() -> DjlArrays.copyOf(host, numbers))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("array: expected an open one");
  }

  @Test
  void anNdArrayThatIsNotContiguousIsCopiedOrRefused() {
    NDArray rows = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
    NDArray columns = rows.transpose();
    assertThatThrownBy(() -> DjlArrays.view(host, columns))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("array: expected a contiguous one")
        .hasMessageContaining("(3, 2)")
        .hasMessageContaining("DjlArrays.copyOf(backend, array)");
    try (DeviceArray copy = DjlArrays.copyOf(host, columns)) {
      assertThat(copy.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      rows.close();
      assertThat(copy.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
    }
    assertThat(columns.isReleased()).isFalse();
  }

  @Test
  void otherElementTypesAreRefused() {
    NDArray longs = manager.create(new long[] {1, 2});
    assertThatThrownBy(() -> DjlArrays.view(host, longs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got int64")
        .hasMessageContaining(".toType(DataType.FLOAT32, false)");
    try (DeviceArray shorts = host.of(new short[] {1})) {
      assertThatThrownBy(() -> DjlArrays.view(manager, shorts))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got UINT16");
    }
    NDArray wide = manager.create(new double[] {1, 2});
    assertThatThrownBy(() -> DjlArrays.view(host, wide))
        .hasMessageContaining("the host backend does not support FLOAT64");
  }

  @Test
  void theJavaBackendCopiesOnce() {
    NDArray numbers = manager.create(new double[] {1, 2, 3}).toType(DataType.FLOAT64, false);
    try (Backend java = Backends.open("java")) {
      assertThatThrownBy(() -> DjlArrays.view(java, numbers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the java backend computes on the heap");
      try (DeviceArray array = DjlArrays.copyOf(java, numbers)) {
        assertThat(array.toDoubles()).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> DjlArrays.view(manager, array))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("on the java backend");
        assertThat(DjlArrays.copyOf(manager, array).toDoubleArray()).containsExactly(1, 2, 3);
      }
    }
  }
}
