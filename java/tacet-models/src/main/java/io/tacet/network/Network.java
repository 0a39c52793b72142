package io.tacet.network;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack of spiking layers on a backend, with a read-out or a spiking layer on top. Owns its
 * arrays; the backend stays the caller's. Not thread-safe.
 */
public final class Network implements AutoCloseable {
  private final Backend backend;
  private final NetworkSpec spec;
  private final List<Stage> stages = new ArrayList<>();
  private final Resources resources = new Resources();

  Network(Backend backend, NetworkSpec spec, Numbers numbers) {
    this.backend = backend;
    this.spec = spec;
    try {
      int below = spec.sources();
      for (int k = 0; k < spec.layers().size(); k++) {
        Stage stage =
            resources.own(
                new Stage(backend, spec, spec.layers().get(k), below, layerName(k), numbers));
        stages.add(stage);
        below = stage.spec.neurons();
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Starts building a network on a backend. */
  public static NetworkBuilder on(Backend backend) {
    return new NetworkBuilder(backend);
  }

  static String layerName(int k) {
    return "layer" + k;
  }

  public Backend backend() {
    return backend;
  }

  /** The structure. */
  public NetworkSpec spec() {
    return spec;
  }

  List<Stage> stages() {
    return stages;
  }

  /** Everything that trains. */
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    stages.forEach(stage -> all.addAll(stage.parameters));
    return all;
  }

  /** All arrays by name, such as {@code layer0.weights}; they stay the network's. */
  public Map<String, DeviceArray> arrays() {
    Map<String, DeviceArray> all = new LinkedHashMap<>();
    stages.forEach(stage -> all.putAll(stage.arrays));
    return all;
  }

  /** Sets all gradients to 0. */
  public void zeroGradients() {
    stages.forEach(stage -> stage.gradients.zero());
  }

  /**
   * Writes the network to a file, whole or not at all.
   *
   * @throws IOException if it cannot be written; an older file of that name is then unchanged
   */
  public void save(Path file) throws IOException {
    ModelFileBuilder builder = ModelFile.builder();
    write(builder);
    builder.build().write(file);
  }

  /** Adds structure and numbers to a model file. */
  public void write(ModelFileBuilder file) {
    file.metadata("network", spec.toJson());
    arrays().forEach((name, array) -> Numbers.put(file, name, array));
  }

  /**
   * Reads a network from a file. On a backend without double precision a FLOAT64 network is
   * rounded.
   *
   * @throws IOException if the file cannot be read, or is damaged, or holds numbers that are not
   *     finite or do not fit its structure
   */
  public static Network load(Backend backend, Path file) throws IOException {
    return read(backend, ModelFile.read(file), file, null);
  }

  /** As {@link #load}, to be run by another simulator than the one it was saved with. */
  public static Network load(Backend backend, Path file, Simulator simulator) throws IOException {
    return read(backend, ModelFile.read(file), file, simulator);
  }

  /** The network in a model file that has been read. */
  public static Network read(Backend backend, ModelFile file, Path origin, Simulator simulator)
      throws IOException {
    NetworkSpec spec;
    try {
      spec = NetworkSpec.fromJson(file.metadata("network"));
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new IOException(
          origin
              + ": the description of the network is not understood; the file may be from a"
              + " newer version of Tacet.",
          e);
    }
    if (simulator != null) {
      spec = spec.with(simulator);
    }
    if (!backend.supports(spec.precision())) {
      spec = spec.with(DType.FLOAT32);
    }
    Numbers numbers = Numbers.read(file, origin);
    try {
      return new Network(backend, spec, numbers);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          origin + ": the numbers do not fit the structure: " + e.getMessage(), e);
    }
  }

  DType type() {
    return spec.precision();
  }

  @Override
  public void close() {
    resources.close();
  }
}
