package io.tacet.nd4j;

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
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Arrays shared with ND4J on the CPU, and copies. */
@Tag("native")
class Nd4jArraysTest {
  private final Backend host = Backends.open("host");
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
  void anIndArraySharesTheMemoryOfAnArray() {
    try (DeviceArray array = host.allocate(DType.FLOAT32, 2, 3)) {
      INDArray view = Nd4jArrays.view(array);
      assertThat(view.shape()).containsExactly(2, 3);
      assertThat(view.data().addressPointer().address()).isEqualTo(array.address());
      view.addi(2);
      view.getRow(1).subi(5);
      assertThat(since().copiesToHost()).isZero();
      assertThat(array.toFloats()).containsExactly(2, 2, 2, -3, -3, -3);
      Dense.activate(array, Activation.RELU);
      assertThat(view.getFloat(1, 2)).isZero();
      assertThat(view.sumNumber().floatValue()).isEqualTo(6);
    }
  }

  @Test
  void integersAreSharedToo() {
    try (DeviceArray ints = host.of(new int[] {1, -2, 3});
        DeviceArray shorts = host.of(new short[] {1, -2, 3})) {
      assertThat(Nd4jArrays.view(ints).getInt(1)).isEqualTo(-2);
      assertThat(Nd4jArrays.view(shorts).getLong(1)).isEqualTo(65534);
    }
  }

  @Test
  void anIndArrayKeepsTheMemoryOfAnArrayThatHasBeenClosed() {
    DeviceArray array = host.of(new float[] {1, 2, 3, 4});
    INDArray part = Nd4jArrays.view(array).get(NDArrayIndex.interval(1, 3));
    array.close();
    for (int k = 0; k < 50; k++) {
      System.gc();
      host.of(new float[] {-1, -1, -1, -1}).close();
    }
    assertThat(part.toFloatVector()).containsExactly(2, 3);
  }

  @Test
  void kernelsComputeInTheMemoryOfAnIndArrayAndOfAPartOfOne() {
    INDArray numbers = Nd4j.create(new float[][] {{-1, 2}, {-3, 4}});
    try (DeviceArray array = Nd4jArrays.view(host, numbers);
        DeviceArray row = Nd4jArrays.view(host, numbers.getRow(1))) {
      assertThat(row.address()).isEqualTo(array.address() + 8);
      Dense.activate(row, Activation.RELU);
      assertThat(since().copiesFromHost()).isZero();
      assertThat(numbers.toFloatMatrix()).isDeepEqualTo(new float[][] {{-1, 2}, {0, 4}});
      numbers.muli(3);
      assertThat(array.toFloats()).containsExactly(-3, 6, 0, 12);
    }
    assertThat(numbers.getFloat(1, 1)).isEqualTo(12);
  }

  @Test
  void anIndArrayThatHasBeenClosedIsAnError() {
    INDArray numbers = Nd4j.create(new float[] {1, 2});
    try (DeviceArray array = Nd4jArrays.view(host, numbers)) {
      assertThat(array.toFloats()).containsExactly(1, 2);
      numbers.close();
      assertThatThrownBy(array::toFloats)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has been closed by its owner");
    }
    assertThatThrownBy(() -> Nd4jArrays.copyOf(host, numbers))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("array: expected an open one");
  }

  @Test
  void anIndArrayThatIsNotContiguousIsCopiedOrRefused() {
    INDArray rows = Nd4j.create(new float[][] {{1, 2, 3}, {4, 5, 6}});
    for (INDArray other : new INDArray[] {rows.transpose(), rows.dup('f').transpose().dup('f')}) {
      assertThatThrownBy(() -> Nd4jArrays.view(host, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("array: expected a contiguous one in C order, got shape [3, 2]")
          .hasMessageContaining("call .dup('c')");
      try (DeviceArray copy = Nd4jArrays.copyOf(host, other)) {
        assertThat(copy.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      }
    }
    INDArray column = rows.getColumn(1);
    assertThatThrownBy(() -> Nd4jArrays.view(host, column)).hasMessageContaining("strides [3]");
    try (DeviceArray view = Nd4jArrays.view(host, column.dup('c'))) {
      assertThat(view.toFloats()).containsExactly(2, 5);
    }
  }

  @Test
  void otherElementTypesEmptyArraysAndWorkspacesAreRefused() {
    assertThatThrownBy(() -> Nd4jArrays.view(host, Nd4j.create(DataType.INT64, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got LONG")
        .hasMessageContaining(".castTo(DataType.FLOAT)");
    assertThatThrownBy(() -> Nd4jArrays.view(host, Nd4j.empty(DataType.FLOAT)))
        .hasMessageContaining("got an empty array");
    assertThatThrownBy(() -> Nd4jArrays.view(host, Nd4j.create(DataType.DOUBLE, 2)))
        .hasMessageContaining("the host backend does not support FLOAT64");
    try (MemoryWorkspace scope =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace("a workspace")) {
      INDArray inside = Nd4j.create(DataType.FLOAT, 2);
      assertThat(inside.isAttached()).isTrue();
      assertThatThrownBy(() -> Nd4jArrays.view(host, inside))
          .hasMessageContaining("got one in a workspace")
          .hasMessageContaining(".detach()");
      assertThat(scope.isScopeActive()).isTrue();
    }
  }

  @Test
  void theJavaBackendCopies() {
    INDArray numbers = Nd4j.create(new double[] {1, 2, 3});
    try (Backend java = Backends.open("java")) {
      assertThatThrownBy(() -> Nd4jArrays.view(java, numbers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the java backend computes on the heap");
      try (DeviceArray array = Nd4jArrays.copyOf(java, numbers)) {
        assertThat(array.toDoubles()).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> Nd4jArrays.view(array))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("on the java backend");
        assertThat(Nd4jArrays.copyOf(array).toDoubleVector()).containsExactly(1, 2, 3);
      }
    }
  }

  /** What a library on a GPU would be given; checked on the host, since nothing here has a GPU. */
  @Test
  void aPointerHasTheAddressOfAnArrayAndKeepsItsMemory() {
    DeviceArray array = host.of(new float[] {1, 2, 3});
    Pointer pointer = Nd4jArrays.pointer(array);
    assertThat(pointer.address()).isEqualTo(array.address());
    assertThat(pointer.capacity()).isEqualTo(12);
    array.close();
    INDArray view = Nd4j.create(Nd4j.createBuffer(pointer, 3, DataType.FLOAT), 3);
    assertThat(view.toFloatVector()).containsExactly(1, 2, 3);
    pointer.close();
    pointer.close();
  }
}
