package io.tacet.exchange;

import io.tacet.Backend;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Weights as named arrays, for NumPy ({@code .npz}) and safetensors. The latter also keep the
 * structure in their metadata, where they were written here.
 */
public final class ArraysFormat implements NetworkFormat {
  private static final String NPZ = ".npz";

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
    NamedArrays arrays = NamedArrays.read(file);
    NetworkSpec spec = structure == null ? structureOf(arrays) : structure;
    Network network = Network.build(backend, spec, 0);
    try {
      network.load(arrays);
      return network;
    } catch (IOException | RuntimeException | Error e) {
      network.close();
      throw e;
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
    NamedArrays weights = network.weights();
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(NPZ)) {
      Npz.write(file, weights);
    } else {
      Safetensors.write(file, weights.withMetadata(Map.of(KEY, network.spec().toJson())));
    }
    return weights.names().size() + " arrays";
  }
}
