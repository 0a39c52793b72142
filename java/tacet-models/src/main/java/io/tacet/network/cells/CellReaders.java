package io.tacet.network.cells;

import io.tacet.network.Cells.Reader;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** All cells by name. A new cell is one file and one line here. */
public final class CellReaders {
  /** How to read the specification of each, by the name that files use. */
  public static final Map<String, Reader> ALL = Collections.unmodifiableMap(all());

  private CellReaders() {}

  private static Map<String, Reader> all() {
    Map<String, Reader> all = new LinkedHashMap<>();
    all.put(LifCell.NAME, LifCell::read);
    all.put(NeuronCell.NAME, NeuronCell::read);
    all.put(EgruCell.NAME, EgruCell::read);
    all.put(EgruCell.PLAIN, EgruCell::readPlain);
    all.put(RnnCell.NAME, RnnCell::read);
    all.put(DenseCell.NAME, DenseCell::read);
    all.put(WinnersCell.NAME, WinnersCell::read);
    all.put(GainControlCell.NAME, GainControlCell::read);
    all.put(EmbeddingCell.NAME, EmbeddingCell::read);
    all.put(VoltageReadout.NAME, VoltageReadout::read);
    all.put(LinearReadout.NAME, LinearReadout::read);
    return all;
  }
}
