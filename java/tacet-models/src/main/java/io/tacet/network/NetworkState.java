package io.tacet.network;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all layers carry from one chunk of a sequence to the next (truncated back-propagation
 * through time). Begins with zeros. Owns its arrays.
 */
public final class NetworkState implements AutoCloseable {
  private final List<LayerState> layers = new ArrayList<>();
  private final Resources resources = new Resources();

  NetworkState(Network network, int batch) {
    try {
      for (Layer layer : network.layers()) {
        layers.add(resources.own(layer.state(batch)));
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  LayerState of(int layer) {
    return layers.get(layer);
  }

  /** Back to zeros: another sequence begins. */
  public void zero() {
    layers.forEach(LayerState::zero);
  }

  /** What a pass left is what the next one starts from. */
  public void advance() {
    layers.forEach(LayerState::advance);
  }

  /** The arrays that the next pass starts from, by name; for checkpoints. */
  public Map<String, DeviceArray> carried() {
    Map<String, DeviceArray> all = new LinkedHashMap<>();
    layers.forEach(layer -> all.putAll(layer.carried()));
    return all;
  }

  @Override
  public void close() {
    resources.close();
  }
}
