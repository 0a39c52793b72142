package io.tacet.network;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.cells.CellReaders;
import java.util.Map;
import java.util.Set;

/** The list of all cells: what a specification may name. */
public final class Cells {
  private Cells() {}

  /** Reads the specification of a layer. */
  @FunctionalInterface
  public interface Reader {
    /** The layer that JSON describes; refuses keys that it does not have. */
    LayerSpec read(JsonObject json) throws JsonException;
  }

  /** Names of all cells. */
  public static Set<String> names() {
    return CellReaders.ALL.keySet();
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Map<String, Reader> all = CellReaders.ALL;
    String cell = json.choice("cell", all.keySet());
    try {
      return all.get(cell).read(json);
    } catch (IllegalArgumentException e) {
      throw json.problem("cell", e.getMessage());
    }
  }
}
