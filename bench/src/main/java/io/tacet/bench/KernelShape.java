package io.tacet.bench;

import io.tacet.cuda.NativeBackend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Operations that {@link DeviceKernels} measures on arrays of one size.
 *
 * @param name family and size, for display
 * @param methods rows that it produces, as names of {@link DeviceKernels}
 * @param opener sets it up
 */
record KernelShape(String name, List<String> methods, Opener opener) {
  /** Sets up arrays, which the caller of the room closes, and says what is to be measured. */
  interface Opener {
    List<Case> open(Room room);
  }

  /**
   * One row of the results.
   *
   * @param method as in {@link DeviceKernels}
   * @param params shape, without the backend
   * @param counters beside the times, such as the activity
   * @param note which engine ran, where there are several
   * @param launch runs the operation that many times
   * @param check fails if the first launch computed something else
   */
  record Case(
      String method,
      Map<String, String> params,
      Map<String, Double> counters,
      String note,
      IntConsumer launch,
      Runnable check) {

    /** An operation that is called repeatedly. */
    static Case of(
        String method,
        Map<String, String> params,
        Map<String, Double> counters,
        String note,
        Runnable call,
        Runnable check) {
      return new Case(method, params, counters, note, n -> repeat(n, call), check);
    }

    private static void repeat(int times, Runnable call) {
      for (int k = 0; k < times; k++) {
        call.run();
      }
    }
  }

  /** Where arrays of a shape live; data come from one seed, so that a row can be measured again. */
  static final class Room implements AutoCloseable {
    /** Numbers that differ; longer arrays repeat them, at places that are no multiple of a row. */
    private static final int PATTERN = 1_000_003;

    final NativeBackend backend;
    final SplittableRandom random = new SplittableRandom(1);
    private final Resources open = new Resources();

    Room(NativeBackend backend) {
      this.backend = backend;
    }

    <T extends AutoCloseable> T own(T resource) {
      return open.own(resource);
    }

    DeviceArray floats(long... shape) {
      return own(backend.allocate(DType.FLOAT32, shape));
    }

    /** Normal values of that standard deviation; a few are generated and the rest are copies. */
    DeviceArray normal(double deviation, long... shape) {
      DeviceArray array = floats(shape);
      float[] few = new float[(int) Math.min(array.length(), PATTERN)];
      for (int k = 0; k < few.length; k++) {
        few[k] = (float) (deviation * random.nextGaussian());
      }
      return repeat(few, array);
    }

    /**
     * Fills an array on the device by copies of its beginning.
     *
     * @param beginning float[], int[] or short[], not longer than the array
     */
    DeviceArray repeat(Object beginning, DeviceArray array) {
      long bytes = array.length() * array.type().bytes();
      long done = java.lang.reflect.Array.getLength(beginning) * (long) array.type().bytes();
      backend.runtime().write(array.address(), beginning, 0, done, backend.stream());
      while (done < bytes) {
        long more = Math.min(done, bytes - done);
        backend.runtime().copy(array.address() + done, array.address(), more, backend.stream());
        done += more;
      }
      return array;
    }

    /** The numbers at that place; waits for the device. */
    float[] read(DeviceArray array, long from, int count) {
      backend.synchronize();
      float[] values = new float[count];
      backend
          .runtime()
          .read(
              values,
              0,
              array.address() + from * Float.BYTES,
              (long) count * Float.BYTES,
              backend.stream());
      return values;
    }

    @Override
    public void close() {
      backend.synchronize();
      open.close();
    }
  }

  /** Names and values in turn. */
  static Map<String, String> params(Object... pairs) {
    Map<String, String> params = new LinkedHashMap<>();
    for (int k = 0; k < pairs.length; k += 2) {
      params.put((String) pairs[k], String.valueOf(pairs[k + 1]));
    }
    return params;
  }
}
