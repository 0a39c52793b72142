package io.tacet.exchange;

import io.tacet.Backend;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Weights as named arrays, for NumPy ({@code .npz}) and safetensors. The latter also keep the
 * structure in their metadata, where they were written here. The setting {@code names} says whose
 * names arrays have: {@code tacet}, {@code torch} ({@link TorchNames}) or {@code keras} ({@link
 * KerasNames}); where it is not given, files are read by what they hold, and written with ours.
 * Further settings such as {@code readout=fc} say which module of the file goes where, see {@link
 * ModuleLoader}.
 */
public final class ArraysFormat implements NetworkFormat {
  private static final String NPZ = ".npz";

  private static final String NAMES = "names";

  /** Key of the structure in the metadata. */
  private static final String KEY = "network";

  @Override
  public String name() {
    return "named arrays";
  }

  @Override
  public List<String> endings() {
    return List.of(NPZ, ".safetensors");
  }

  @Override
  public boolean holdsStructure() {
    return false;
  }

  @Override
  public Network read(Backend backend, Path file, NetworkSpec structure) throws IOException {
    return read(backend, file, structure, Map.of());
  }

  @Override
  public Network read(
      Backend backend, Path file, NetworkSpec structure, Map<String, String> settings)
      throws IOException {
    NamedArrays arrays = NamedArrays.read(file);
    Network network =
        structure == null
            ? described(backend, structureOf(arrays), arrays)
            : Network.build(backend, structure, 0);
    try {
      load(network, arrays, settings);
      return network;
    } catch (IOException | RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  /**
   * A network of the structure in a file, which takes no more memory than its arrays account for.
   */
  private static Network described(Backend backend, NetworkSpec spec, NamedArrays arrays)
      throws IOException {
    boolean ours =
        spec.names().stream()
            .anyMatch(
                layer ->
                    arrays.names().stream()
                        .anyMatch(n -> n.startsWith(layer + ".") && !n.endsWith(".bias")));
    if (ours) {
      return Network.of(backend, spec, arrays);
    }
    ModuleLoader.requireNumbers(
        spec, arrays.all().values().stream().mapToLong(TypedArray::length).sum());
    return Network.build(backend, spec, 0);
  }

  private static void load(Network network, NamedArrays arrays, Map<String, String> settings)
      throws IOException {
    Map<String, String> places = new LinkedHashMap<>(settings);
    Names names = Names.of(places.remove(NAMES));
    switch (names == null ? Names.found(network, arrays) : names) {
      case TORCH -> ModuleLoader.load(network, TorchNames.read(arrays), places);
      case KERAS -> ModuleLoader.load(network, KerasNames.read(arrays), places);
      case TACET -> {
        requireNone(places);
        network.load(arrays);
      }
    }
  }

  private static void requireNone(Map<String, String> places) {
    if (!places.isEmpty()) {
      throw new IllegalArgumentException(
          "settings: expected names, of tacet, torch or keras, and no others with names of tacet,"
              + " got "
              + places.keySet()
              + ".");
    }
  }

  /** Whose names arrays have. */
  private enum Names {
    TACET,
    TORCH,
    KERAS;

    /** Null for null. */
    static Names of(String text) {
      if (text == null) {
        return null;
      }
      for (Names names : values()) {
        if (names.name().equalsIgnoreCase(text)) {
          return names;
        }
      }
      throw new IllegalArgumentException(
          "settings: expected names to be tacet, torch or keras, got '" + text + "'.");
    }

    /** Ours where any of ours is there but a bias, Keras' where there are paths, else PyTorch's. */
    static Names found(Network network, NamedArrays arrays) {
      boolean ours =
          network.arrays().keySet().stream()
              .anyMatch(name -> arrays.has(name) && !name.endsWith(".bias"));
      if (ours) {
        return TACET;
      }
      boolean paths = arrays.names().stream().anyMatch(name -> name.indexOf('/') >= 0);
      return paths ? KERAS : TORCH;
    }
  }

  private static NetworkSpec structureOf(NamedArrays arrays) throws IOException {
    String json = arrays.metadata().get(KEY);
    if (json == null) {
      throw new IllegalArgumentException(
          "structure: expected the description of a network for the weights of "
              + arrays.origin()
              + ", which has none, got none. Give it as JSON.");
    }
    try {
      return NetworkSpec.of(JsonObject.of(json, arrays.origin() + ": " + KEY));
    } catch (JsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public String write(Network network, Path file) throws IOException {
    return write(network, file, Map.of());
  }

  @Override
  public String write(Network network, Path file, Map<String, String> settings) throws IOException {
    Map<String, String> others = new LinkedHashMap<>(settings);
    Names names = Names.of(others.remove(NAMES));
    requireNone(others);
    NamedArrays weights = named(network, names == null ? Names.TACET : names);
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(NPZ)) {
      Npz.write(file, weights);
    } else {
      Safetensors.write(file, weights.withMetadata(Map.of(KEY, network.spec().toJson())));
    }
    return weights.names().size() + " arrays";
  }

  private static NamedArrays named(Network network, Names names) {
    return switch (names) {
      case TACET -> network.weights();
      case TORCH -> TorchNames.write(ModuleLoader.of(network));
      case KERAS -> KerasNames.write(ModuleLoader.of(network));
    };
  }
}
