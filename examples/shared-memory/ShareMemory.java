import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.Buffers;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Arrays over memory that is another's: a Java array, a direct buffer, and the way back. */
public class ShareMemory {
  public static void main(String[] args) {
    float[] values = {-2, -1, 0, 1, 2, 3};
    try (Backend java = Backends.open("java");
        DeviceArray array = java.wrap(ForeignMemory.of(FloatBuffer.wrap(values)), 2, 3)) {
      Dense.activate(array, Activation.RELU);
    }
    System.out.println(
        "java: the kernel wrote into the array of the caller: " + values[0] + " .. " + values[5]);

    FloatBuffer buffer =
        ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder()).asFloatBuffer();
    buffer.put(0, new float[] {-2, -1, 0, 1, 2, 3});
    try (Backend host = Backends.open("host");
        DeviceArray array = host.wrap(ForeignMemory.of(buffer), 2, 3);
        DeviceArray own = host.allocate(DType.FLOAT32, 2, 3)) {
      Dense.activate(array, Activation.RELU);
      System.out.println("host: and into the buffer: " + buffer.get(0) + " .. " + buffer.get(5));
      Dense.activate(array, Activation.IDENTITY, own);
      FloatBuffer view = own.buffer().asFloatBuffer();
      view.put(0, 100);
      System.out.println("host: what a buffer of its own memory wrote: " + own.toFloats()[0]);
      Buffers.copy(own, buffer);
      System.out.println("host: a copy where it is wanted: " + buffer.get(0));
    }
    System.out.println("shared without a copy: yes");
  }
}
