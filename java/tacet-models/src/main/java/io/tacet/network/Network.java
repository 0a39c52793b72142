package io.tacet.network;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.data.Dataset;
import io.tacet.eventprop.Simulator;
import io.tacet.files.FileFormatException;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack of layers on a backend: spiking layers on event times, recurrent layers on steps, with a
 * read-out or a spiking layer on top. Owns its arrays; the backend stays the caller's. Used by the
 * thread that drives its backend, see {@link Backend}; networks on different backends are
 * independent.
 */
public final class Network implements AutoCloseable {
  /** Key of the specification in the metadata of a model file. */
  private static final String KEY = "network";

  private final Backend backend;
  private final NetworkSpec spec;
  private final List<Layer> layers = new ArrayList<>();
  private final List<DeviceArray> gradients;
  private final Resources resources = new Resources();

  private Network(Backend backend, NetworkSpec spec, Numbers numbers) {
    this.backend = backend;
    this.spec = spec;
    try {
      List<String> names = spec.names();
      int strand = 0;
      int number = 0;
      for (int k = 0; k < names.size(); k++) {
        LayerSpec layer = spec.layers().get(k);
        boolean numbered = names.get(k).equals("layer" + number);
        layers.add(
            resources.own(
                layer.create(
                    new LayerContext(
                        backend,
                        spec,
                        names.get(k),
                        number,
                        strand,
                        spec.below(k),
                        List.copyOf(layers),
                        numbers))));
        number += numbered ? 1 : 0;
        strand += numbered ? layer.directions() : 0;
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
    gradients = layers.stream().flatMap(layer -> layer.arrays().gradients().stream()).toList();
  }

  /** Starts building a network on a backend. */
  public static NetworkBuilder on(Backend backend) {
    return new NetworkBuilder(backend);
  }

  /** A network with parameters drawn from the seed, the same on every backend. */
  public static Network build(Backend backend, NetworkSpec spec, long seed) {
    Draws draws = new Draws(seed);
    Numbers numbers = new Numbers();
    List<String> names = spec.names();
    for (int k = 0; k < names.size(); k++) {
      spec.layers().get(k).draw(names.get(k), spec.below(k), draws, numbers);
    }
    return new Network(backend, spec, numbers);
  }

  public Backend backend() {
    return backend;
  }

  /** The structure. */
  public NetworkSpec spec() {
    return spec;
  }

  /** The layers, from the first above the input; they stay the network's. */
  public List<Layer> layers() {
    return Collections.unmodifiableList(layers);
  }

  /** All trained parameters. */
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    layers.forEach(layer -> all.addAll(layer.parameters()));
    return all;
  }

  /** Number of trained values. */
  public long size() {
    return layers.stream().mapToLong(layer -> layer.arrays().size()).sum();
  }

  /**
   * The arrays that training changes, by name: parameters, and all of layers whose synapses change;
   * they stay the network's.
   */
  public Map<String, DeviceArray> changing() {
    Map<String, DeviceArray> all = new LinkedHashMap<>();
    parameters().forEach(p -> all.put(p.name(), p.value()));
    rewired().forEach(synapses -> all.putAll(synapses.arrays().byName()));
    return all;
  }

  /** Synapses that change in training; views, which own nothing. */
  public List<RewiredSynapses> rewired() {
    List<RewiredSynapses> all = new ArrayList<>();
    layers.forEach(layer -> all.addAll(layer.arrays().rewired()));
    return all;
  }

  /** All arrays by name, such as {@code layer0.weights}; they stay the network's. */
  public Map<String, DeviceArray> arrays() {
    Map<String, DeviceArray> all = new LinkedHashMap<>();
    layers.forEach(layer -> all.putAll(layer.arrays().byName()));
    return all;
  }

  /** Sets all gradients to 0. */
  public void zeroGradients() {
    if (!gradients.isEmpty()) {
      backend.kernels().optimizer().zero(gradients);
    }
  }

  /** What layers carry over the chunks of long sequences, zeroed; the caller closes it. */
  public NetworkState state(int batch) {
    return new NetworkState(this, batch);
  }

  /**
   * Classes and scores of samples.
   *
   * @param data event times or sequences, as the network takes them
   * @throws IllegalArgumentException if the data do not fit
   */
  public Prediction predict(Dataset data) {
    return Prediction.of(this, data);
  }

  /**
   * Stepwise inference; the caller closes it before the network.
   *
   * @param batch number of samples stepped together, at least 1
   * @throws IllegalArgumentException unless this is a FLOAT32 network of steps or tokens on the
   *     java backend, with all layers in one direction
   */
  public NetworkStream stream(int batch) {
    return new NetworkStream(this, batch);
  }

  /** Layers, parameters, bytes and multiplications. */
  public Summary summary() {
    return Summary.of(this);
  }

  /** Multiplications of a step of a sample, at the activities given; of steps only. */
  public MultiplyAdds multiplyAdds(List<Double> activities) {
    return MultiplyAdds.of(spec, activities);
  }

  /** A copy of all arrays by name, for {@code Npz} and {@code Safetensors} to write. */
  public NamedArrays weights() {
    return WeightFiles.of(this);
  }

  /**
   * Loads all arrays from those of the same names and shapes, as {@link #weights} gives them; as
   * {@link #load(NamedArrays, Map)}.
   */
  public void load(NamedArrays weights) throws FileFormatException {
    Map<String, String> same = new LinkedHashMap<>();
    arrays().keySet().forEach(name -> same.put(name, name));
    WeightFiles.load(this, weights, same);
  }

  /**
   * Loads some arrays by name. Nothing is transposed; for the weights of another framework's GRU
   * see {@link GruExchange#torch}. Arrays of synapses have to be those that the network has.
   *
   * @param weights read by {@code NamedArrays.read}; of any real type, rounded to that of the
   *     network
   * @param mapping from names of arrays of this network, such as {@code readout.weights}, to names
   *     of arrays of the file; all others stay as they are
   * @throws IllegalArgumentException if the network has no array of a name; nothing changes then
   * @throws FileFormatException if the file has none, or one of another shape or with numbers that
   *     are not finite or out of the range of the parameter; nothing changes then
   */
  public void load(NamedArrays weights, Map<String, String> mapping) throws FileFormatException {
    WeightFiles.load(this, weights, mapping);
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
    file.metadata(KEY, spec.toJson());
    arrays().forEach((name, array) -> Numbers.put(file, name, array));
  }

  /**
   * The same network on another backend, which has to support its precision; the caller closes it.
   */
  public Network copyTo(Backend other) {
    ModelFileBuilder builder = ModelFile.builder();
    write(builder);
    try {
      return read(other, builder.build(), Path.of("copy"), null);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
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

  /**
   * The network in a model file that has been read.
   *
   * @param origin name of the file in messages
   * @param simulator to be run by; null for the one it was saved with
   */
  public static Network read(Backend backend, ModelFile file, Path origin, Simulator simulator)
      throws IOException {
    NetworkSpec spec = specOf(file, origin);
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

  /**
   * A network of named arrays, all that {@link #weights} gives; the caller closes it.
   *
   * @throws IOException if one is missing, does not fit the structure, or holds a number that is
   *     not finite
   */
  public static Network of(Backend backend, NetworkSpec spec, NamedArrays weights)
      throws IOException {
    Numbers numbers = Numbers.of(weights);
    try {
      return new Network(backend, spec, numbers);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          weights.origin() + ": the numbers do not fit the structure: " + e.getMessage(), e);
    }
  }

  /**
   * The structure in a model file.
   *
   * @throws IOException if there is none, or it is of another version
   */
  public static NetworkSpec specOf(ModelFile file, Path origin) throws IOException {
    if (!file.metadata().containsKey(KEY)) {
      throw new IOException(
          origin
              + ": expected the description of a network, got "
              + (file.metadata().containsKey("recurrent")
                  ? "one of version 1, of an older Tacet. Train the network again, or use the"
                      + " Tacet that wrote it."
                  : "a file without one."));
    }
    try {
      return NetworkSpec.of(JsonObject.of(file.metadata(KEY), origin + ": network"));
    } catch (JsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
