package io.tacet.network;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * State of a layer between chunks of a sequence: the arrays that a pass starts from and those that
 * it writes, which are swapped. Owns its arrays.
 */
public final class LayerState implements AutoCloseable {
  private Map<String, DeviceArray> first = new LinkedHashMap<>();
  private Map<String, DeviceArray> last = new LinkedHashMap<>();
  private final Resources resources = new Resources();

  /** No state. */
  public static LayerState none() {
    return new LayerState();
  }

  /** Adds an array, zeroed. */
  public LayerState add(String name, Supplier<DeviceArray> make) {
    first.put(name, resources.own(make.get()));
    last.put(name, resources.own(make.get()));
    return this;
  }

  /** The array that a pass starts from. */
  public DeviceArray first(String name) {
    return first.get(name);
  }

  /** The array that a pass writes. */
  public DeviceArray last(String name) {
    return last.get(name);
  }

  Map<String, DeviceArray> carried() {
    return first;
  }

  /** The arrays that a pass starts from, or those that it leaves. */
  Map<String, DeviceArray> arrays(boolean left) {
    return left ? last : first;
  }

  /** A state over arrays of others, which stay theirs. */
  static LayerState view(Map<String, DeviceArray> first, Map<String, DeviceArray> last) {
    LayerState view = new LayerState();
    view.first = first;
    view.last = last;
    return view;
  }

  void advance() {
    Map<String, DeviceArray> swap = first;
    first = last;
    last = swap;
  }

  void zero() {
    first.values().forEach(DeviceArray::zero);
  }

  @Override
  public void close() {
    resources.close();
  }
}
