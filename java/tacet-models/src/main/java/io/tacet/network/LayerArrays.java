package io.tacet.network;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The arrays of a layer by their full names, and the gradients of those that train. */
public final class LayerArrays implements AutoCloseable {
  private final Backend backend;
  private final DType type;
  private final Numbers from;
  private final Map<String, DeviceArray> values = new LinkedHashMap<>();
  private final Map<String, DeviceArray> gradients = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<RewiredSynapses> rewired = new ArrayList<>();
  private int patternVersion;
  private final Resources resources = new Resources();

  LayerArrays(Backend backend, DType type, Numbers from) {
    this.backend = backend;
    this.type = type;
    this.from = from;
  }

  /** Real numbers, of the shape given or as many as there are. */
  public DeviceArray real(String name, long... shape) {
    double[] numbers = from.real(name);
    long[] extents = shape.length == 0 ? new long[] {numbers.length} : shape;
    // Before memory is taken on the word of a file.
    double length = Arrays.stream(extents).asDoubleStream().reduce(1, (a, b) -> a * b);
    if (length != numbers.length) {
      throw new IllegalArgumentException(
          String.format(
              "%s: expected the shape %s, got %d numbers.",
              name, Arrays.toString(extents), numbers.length));
    }
    DeviceArray array = resources.own(backend.allocate(type, extents)).copyFrom(numbers);
    values.put(name, array);
    return array;
  }

  /** Whole numbers, as many as there are. */
  public DeviceArray integer(String name) {
    return whole(name, DType.INT32);
  }

  /** Targets of synapses, in 16 bits where that suffices for so many of them. */
  public DeviceArray indices(String name, int targets) {
    return whole(name, targets > 65536 ? DType.INT32 : DType.UINT16);
  }

  private DeviceArray whole(String name, DType kind) {
    int[] numbers = from.integer(name);
    DeviceArray array = resources.own(backend.allocate(kind, numbers.length));
    values.put(name, array.copyFrom(numbers));
    return array;
  }

  /** Makes weights trainable; returns their gradient. */
  public DeviceArray train(String name) {
    DeviceArray gradient = gradient(name);
    parameters.add(Parameter.weights(name, values.get(name), gradient));
    return gradient;
  }

  /** Makes an array trainable within bounds and without weight decay; returns its gradient. */
  public DeviceArray train(String name, double low, double high, double rateScale) {
    DeviceArray gradient = gradient(name);
    parameters.add(Parameter.bounded(name, values.get(name), gradient, low, high, rateScale));
    return gradient;
  }

  /** Makes an array trainable without bounds and without weight decay; returns its gradient. */
  public DeviceArray trainFreely(String name) {
    return train(name, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 1);
  }

  /** Synapses change while the layer trains. */
  public void rewire(RewiredSynapses synapses) {
    rewired.add(synapses);
  }

  /** Those that change. */
  List<RewiredSynapses> rewired() {
    return Collections.unmodifiableList(rewired);
  }

  /**
   * Where a backward pass tries absent synapses.
   *
   * @param weights name of those of the synapses
   * @return null where nobody will want it
   */
  public AbsentTiles tiles(String weights) {
    for (RewiredSynapses each : rewired) {
      if (each.weights().equals(weights)) {
        return each.tiles();
      }
    }
    return null;
  }

  /** Another number after synapses have changed, for what was made from a pattern. */
  public int patternVersion() {
    return patternVersion;
  }

  /** To be called after synapses have changed. */
  public void patternChanged() {
    patternVersion++;
  }

  /** Places for synapses that have none. */
  long emptyPlaces() {
    return rewired.stream().mapToLong(RewiredSynapses::emptyPlaces).sum();
  }

  /** Numbers that train, without places that have no synapse. */
  long size() {
    long all = parameters.stream().mapToLong(p -> p.value().length()).sum();
    return all - rewired.stream().mapToLong(RewiredSynapses::slack).sum();
  }

  private DeviceArray gradient(String name) {
    DeviceArray gradient = resources.own(backend.allocate(type, values.get(name).shape()));
    gradients.put(name, gradient);
    return gradient;
  }

  /** The array of that name; null if there is none. */
  public DeviceArray value(String name) {
    return values.get(name);
  }

  /** The gradient of that name; null where it does not train. */
  public DeviceArray gradientOf(String name) {
    return gradients.get(name);
  }

  /** All arrays by name. */
  public Map<String, DeviceArray> byName() {
    return Collections.unmodifiableMap(values);
  }

  List<Parameter> parameters() {
    return Collections.unmodifiableList(parameters);
  }

  /** All gradients. */
  Collection<DeviceArray> gradients() {
    return Collections.unmodifiableCollection(gradients.values());
  }

  @Override
  public void close() {
    resources.close();
  }
}
