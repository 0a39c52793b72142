package io.tacet.network;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.FileFormatException;
import io.tacet.files.Suggestion;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.optim.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of a network as named arrays of other programs, and back. */
final class WeightFiles {
  private final Network network;
  private final NamedArrays file;
  private final Map<String, DeviceArray> ours;

  private WeightFiles(Network network, NamedArrays file) {
    this.network = network;
    this.file = file;
    this.ours = network.arrays();
  }

  static NamedArrays of(Network network) {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    network.arrays().forEach((name, array) -> all.put(name, typed(array)));
    return NamedArrays.of(all);
  }

  private static TypedArray typed(DeviceArray array) {
    int[] shape = shape(array);
    return switch (array.type()) {
      case FLOAT32 -> TypedArray.of(array.toFloats(), shape);
      case FLOAT64 -> TypedArray.of(array.toDoubles(), shape);
      case INT32, UINT16 -> TypedArray.of(array.toInts(), shape);
    };
  }

  private static int[] shape(DeviceArray array) {
    return Arrays.stream(array.shape()).mapToInt(Math::toIntExact).toArray();
  }

  /** Checks everything, then copies: nothing changes on failure. */
  static void load(Network network, NamedArrays file, Map<String, String> mapping)
      throws FileFormatException {
    WeightFiles reader = new WeightFiles(network, file);
    Map<DeviceArray, double[]> checked = new LinkedHashMap<>();
    for (Map.Entry<String, String> pair : mapping.entrySet()) {
      DeviceArray target = reader.target(pair.getKey());
      if (!target.type().isFloating()) {
        reader.requireSame(pair.getKey(), target, pair.getValue());
      } else {
        checked.put(target, reader.real(pair.getKey(), target, pair.getValue()));
      }
    }
    checked.forEach(DeviceArray::copyFrom);
  }

  private DeviceArray target(String name) {
    DeviceArray array = ours.get(name);
    if (array == null) {
      throw new IllegalArgumentException(
          "mapping: expected names of arrays of the network, "
              + String.join(", ", ours.keySet())
              + ", got '"
              + name
              + "'."
              + Suggestion.sentence(name, ours.keySet()));
    }
    return array;
  }

  private double[] real(String name, DeviceArray target, String source) throws FileFormatException {
    double[] values = file.doubles(source, shape(target));
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    for (Parameter parameter : network.parameters()) {
      if (parameter.name().equals(name)) {
        low = parameter.low();
        high = parameter.high();
      }
    }
    for (int i = 0; i < values.length; i++) {
      boolean fits =
          target.type() == DType.FLOAT64
              ? Double.isFinite(values[i])
              : Float.isFinite((float) values[i]);
      if (!fits || values[i] < low || values[i] > high) {
        String range = low == Double.NEGATIVE_INFINITY ? "" : " from " + low + " to " + high;
        throw file.problem(
            source, "finite numbers" + range + " for " + name, values[i] + " at index " + i);
      }
    }
    return values;
  }

  /** Which synapses there are is part of the structure. */
  private void requireSame(String name, DeviceArray target, String source)
      throws FileFormatException {
    int[] found = file.integers(source, Integer.MIN_VALUE, Integer.MAX_VALUE);
    if (!Arrays.equals(found, target.toInts())) {
      throw file.problem(source, "the synapses of the network in " + name, "others");
    }
  }
}
