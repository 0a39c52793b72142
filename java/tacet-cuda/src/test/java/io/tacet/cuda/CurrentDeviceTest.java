package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tacet.memory.DeviceArray;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.JCuda;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is current in the caller's thread stays so; needs a GPU, and two for one test. */
@Tag("native")
class CurrentDeviceTest {

  @Test
  void theContextOfAnApplicationStaysCurrent() {
    TestBackends.cuda().close();
    JCudaDriver.cuInit(0);
    CUdevice device = new CUdevice();
    CUcontext own = new CUcontext();
    JCudaDriver.cuDeviceGet(device, 0);
    assertThat(JCudaDriver.cuCtxCreate(own, 0, device)).isZero();
    try (NativeBackend backend = NativeBackend.cuda(0)) {
      useOf(backend);
      CUcontext current = new CUcontext();
      JCudaDriver.cuCtxGetCurrent(current);
      assertThat(current).isEqualTo(own);
    } finally {
      JCudaDriver.cuCtxDestroy(own);
    }
  }

  @Test
  void anotherGpuStaysCurrent() {
    TestBackends.cuda().close();
    int[] count = new int[1];
    JCuda.cudaGetDeviceCount(count);
    assumeTrue(count[0] > 1, "there is only one GPU");
    JCuda.cudaSetDevice(1);
    try (NativeBackend backend = NativeBackend.cuda(0)) {
      useOf(backend);
      int[] current = new int[1];
      JCuda.cudaGetDevice(current);
      assertThat(current[0]).isEqualTo(1);
    } finally {
      JCuda.cudaSetDevice(0);
    }
  }

  private static void useOf(NativeBackend backend) {
    long event = backend.runtime().createEvent();
    try (DeviceArray values = backend.of(new float[] {1, 2, 3})) {
      backend.kernels().optimizer().scale(values, 2);
      backend.runtime().record(event, backend.stream());
      assertThat(values.toFloats()).containsExactly(2, 4, 6);
    }
    backend.runtime().destroyEvent(event);
  }
}
