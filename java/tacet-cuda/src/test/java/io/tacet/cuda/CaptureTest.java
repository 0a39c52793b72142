package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.OptimizerKernels;
import java.util.List;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations in a graph that an application captures; needs a GPU. */
@Tag("native")
class CaptureTest {
  private final cudaStream_t made = new cudaStream_t();
  private CUstream stream;

  @BeforeEach
  void createStream() {
    TestBackends.cuda().close();
    assertThat(JCuda.cudaStreamCreateWithFlags(made, JCuda.cudaStreamNonBlocking)).isZero();
    stream = new CUstream(made);
  }

  @AfterEach
  void destroyStream() {
    if (stream != null) {
      JCuda.cudaStreamDestroy(made);
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL,
        CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL,
        CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED
      })
  void operationsJoinTheGraphAndWhatWouldEndTheCaptureIsRefused(int mode) {
    try (NativeBackend backend = NativeBackend.cuda(0, made);
        DeviceArray values = backend.of(new float[] {1, 2, 3})) {
      OptimizerKernels kernels = backend.kernels().optimizer();
      backend.synchronize();
      DeviceArray forgotten = backend.allocate(DType.FLOAT32, 100);
      assertThat(JCudaDriver.cuStreamBeginCapture(stream, mode)).isZero();
      kernels.scale(values, 2); // its kernel may be loaded only now
      assertRefused(() -> values.copyFrom(new float[3]));
      assertRefused(values::toFloats);
      assertRefused(() -> backend.allocate(DType.FLOAT32, 1));
      assertRefused(() -> kernels.sumOfSquares(List.of(values)));
      assertRefused(backend::synchronize);
      assertRefused(backend::close);
      forgotten.close();
      CUgraph graph = new CUgraph();
      assertThat(JCudaDriver.cuStreamEndCapture(stream, graph)).isZero();
      assertThat(values.toFloats()).containsExactly(1, 2, 3);
      CUgraphExec executable = new CUgraphExec();
      assertThat(JCudaDriver.cuGraphInstantiate(executable, graph, 0)).isZero();
      for (int k = 0; k < 3; k++) {
        assertThat(JCudaDriver.cuGraphLaunch(executable, stream)).isZero();
      }
      assertThat(values.toFloats()).containsExactly(8, 16, 24);
      JCudaDriver.cuGraphExecDestroy(executable);
      JCudaDriver.cuGraphDestroy(graph);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL)
  void aBackendOnAnotherStreamWorksMeanwhile(int mode) {
    try (NativeBackend backend = NativeBackend.cuda(0)) {
      assertThat(JCudaDriver.cuStreamBeginCapture(stream, mode)).isZero();
      try (DeviceArray values = backend.of(new float[] {1, 2, 3})) {
        backend.kernels().optimizer().scale(values, 2);
        assertThat(values.toFloats()).containsExactly(2, 4, 6);
      }
      CUgraph graph = new CUgraph();
      assertThat(JCudaDriver.cuStreamEndCapture(stream, graph)).isZero();
      JCudaDriver.cuGraphDestroy(graph);
    }
  }

  private static void assertRefused(Runnable call) {
    assertThatThrownBy(call::run).isInstanceOf(StreamCaptureException.class);
  }
}
