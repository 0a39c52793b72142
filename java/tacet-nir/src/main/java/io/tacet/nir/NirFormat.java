package io.tacet.nir;

import io.tacet.Backend;
import io.tacet.exchange.NetworkFormat;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Files of NIR for the command line; settings are those of {@link NirSettings}. */
public final class NirFormat implements NetworkFormat {
  @Override
  public String name() {
    return "NIR";
  }

  @Override
  public List<String> endings() {
    return List.of(".nir");
  }

  @Override
  public boolean holdsStructure() {
    return true;
  }

  @Override
  public Network read(Backend backend, Path file, NetworkSpec structure) throws IOException {
    return read(backend, file, structure, Map.of());
  }

  @Override
  public Network read(
      Backend backend, Path file, NetworkSpec structure, Map<String, String> settings)
      throws IOException {
    NirGraph graph = NirGraph.read(file);
    try {
      return NirNetworks.network(backend, graph, with(NirNetworks.settings(graph), settings));
    } catch (NirProblem problem) {
      throw problem.in(file);
    }
  }

  @Override
  public String write(Network network, Path file) throws IOException {
    return write(network, file, Map.of());
  }

  @Override
  public String write(Network network, Path file, Map<String, String> settings) throws IOException {
    double pulse = with(NirSettings.defaults(), settings).pulse();
    NirGraph graph = NirNetworks.graph(network, pulse);
    graph.write(file);
    return graph.nodes().size() + " nodes";
  }

  private static NirSettings with(NirSettings defaults, Map<String, String> settings)
      throws JsonException {
    Map<String, Object> values = new LinkedHashMap<>();
    settings.forEach((key, text) -> values.put(key, value(text)));
    return defaults.with(JsonObject.of(values, "settings"));
  }

  /** A number or a truth value where the text is one. */
  private static Object value(String text) {
    try {
      return Json.parse(text);
    } catch (JsonException e) {
      return text;
    }
  }
}
