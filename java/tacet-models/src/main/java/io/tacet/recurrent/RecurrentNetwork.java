package io.tacet.recurrent;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.egru.EgruLayer;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Numbers;
import io.tacet.optim.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack of event-gated recurrent layers on a backend with a linear read-out on top and, for
 * tokens, a table of embeddings below. Owns its arrays; the backend stays the caller's. Not
 * thread-safe.
 */
public final class RecurrentNetwork implements AutoCloseable {
  static final String EMBEDDING = "embedding.weights";
  static final String READOUT = "readout.weights";
  static final String READOUT_BIAS = "readout.bias";

  private final Backend backend;
  private final RecurrentSpec spec;

  /** Directions of layers, by number and by name. */
  private final List<String> strands;

  private final Map<String, DeviceArray> arrays = new LinkedHashMap<>();
  private final Map<String, DeviceArray> gradients = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final Resources resources = new Resources();

  private RecurrentNetwork(Backend backend, RecurrentSpec spec, Numbers numbers) {
    this.backend = backend;
    this.spec = spec;
    this.strands = spec.strands();
    try {
      if (spec.embedding() > 0) {
        weights(EMBEDDING, numbers, spec.inputs(), spec.embedding());
      }
      for (int s = 0; s < strands.size(); s++) {
        int units = spec.unitsOf(s);
        weights(name(s, "inputWeights"), numbers, spec.inputsOf(s / spec.directions()), 3L * units);
        weights(name(s, "recurrentWeights"), numbers, units, 3L * units);
        free(name(s, "inputBias"), numbers, 3L * units);
        free(name(s, "recurrentBias"), numbers, 3L * units);
        thresholds(name(s, "thresholds"), numbers, units);
      }
      if (!spec.tied()) {
        weights(READOUT, numbers, spec.outputs(), spec.top());
      }
      free(READOUT_BIAS, numbers, spec.outputs());
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** A network with parameters drawn from the seed, the same on every backend. */
  public static RecurrentNetwork build(Backend backend, RecurrentSpec spec, long seed) {
    return new RecurrentNetwork(backend, spec, new Initialisation(spec, seed).draw());
  }

  /**
   * Reads a network from a file. On a backend without double precision a FLOAT64 network is
   * rounded.
   *
   * @throws IOException if the file cannot be read, or is damaged, or holds numbers that are not
   *     finite or do not fit its structure
   */
  public static RecurrentNetwork load(Backend backend, Path file) throws IOException {
    return read(backend, ModelFile.read(file), file);
  }

  /** The network in a model file that has been read. */
  public static RecurrentNetwork read(Backend backend, ModelFile file, Path origin)
      throws IOException {
    RecurrentSpec spec;
    try {
      spec = RecurrentSpec.fromJson(file.metadata("recurrent"));
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new IOException(
          origin
              + ": the description of the network is not understood; the file may be from a"
              + " newer version of Tacet.",
          e);
    }
    if (!backend.supports(spec.precision())) {
      spec = spec.with(DType.FLOAT32);
    }
    Numbers numbers = Numbers.read(file, origin);
    try {
      return new RecurrentNetwork(backend, spec, numbers);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          origin + ": the numbers do not fit the structure: " + e.getMessage(), e);
    }
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
    file.metadata("recurrent", spec.toJson());
    arrays.forEach((name, array) -> Numbers.put(file, name, array));
  }

  private String name(int strand, String what) {
    return strands.get(strand) + "." + what;
  }

  private void weights(String name, Numbers from, long... shape) {
    DeviceArray value = array(name, from, shape);
    parameters.add(Parameter.weights(name, value, gradient(name, shape)));
  }

  /** A bias: trained without weight decay. */
  private void free(String name, Numbers from, long length) {
    double none = Double.POSITIVE_INFINITY;
    DeviceArray value = array(name, from, length);
    parameters.add(Parameter.bounded(name, value, gradient(name, length), -none, none, 1));
  }

  private void thresholds(String name, Numbers from, long length) {
    DeviceArray value = array(name, from, length);
    if (spec.trainThresholds() && spec.options().events()) {
      parameters.add(Parameter.bounded(name, value, gradient(name, length), 0, 1, 1));
    }
  }

  private DeviceArray array(String name, Numbers from, long... shape) {
    DeviceArray array = resources.own(backend.allocate(spec.precision(), shape));
    array.copyFrom(from.real(name));
    arrays.put(name, array);
    return array;
  }

  private DeviceArray gradient(String name, long... shape) {
    DeviceArray array = resources.own(backend.allocate(spec.precision(), shape));
    gradients.put(name, array);
    return array;
  }

  public Backend backend() {
    return backend;
  }

  /** The structure. */
  public RecurrentSpec spec() {
    return spec;
  }

  /** Everything that trains. */
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  /** All arrays by name, such as {@code layer0.recurrentWeights}; they stay the network's. */
  public Map<String, DeviceArray> arrays() {
    return Map.copyOf(arrays);
  }

  /** Number of trained numbers. */
  public long size() {
    return parameters.stream().mapToLong(p -> p.value().length()).sum();
  }

  /** Sets all gradients to 0. */
  public void zeroGradients() {
    gradients.values().forEach(DeviceArray::zero);
  }

  DeviceArray value(String name) {
    return arrays.get(name);
  }

  /** Null where it does not train. */
  DeviceArray gradient(String name) {
    return gradients.get(name);
  }

  DeviceArray value(int strand, String what) {
    return arrays.get(name(strand, what));
  }

  DeviceArray gradient(int strand, String what) {
    return gradients.get(name(strand, what));
  }

  /** Name of the matrix of the read-out, [outputs][units]. */
  String readout() {
    return spec.tied() ? EMBEDDING : READOUT;
  }

  /**
   * The operation's view of a direction of a layer.
   *
   * @param recurrent its recurrent weights, which DropConnect replaces
   */
  EgruLayer layer(int strand, DeviceArray recurrent) {
    return new EgruLayer(
        recurrent,
        value(strand, "inputBias"),
        value(strand, "recurrentBias"),
        value(strand, "thresholds"),
        spec.options());
  }

  @Override
  public void close() {
    resources.close();
  }
}
