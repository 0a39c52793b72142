package io.tacet.network;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.sparse.CsrSynapses;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** Which synapses a connection has: all, some that are drawn, or some that are given. */
public sealed interface Connectivity {
  /** Keys of JSON. */
  List<String> KEYS =
      List.of(
          "synapses", "density", "fanOut", "fanIn", "blockSize", "sources", "count", "checksum");

  /** How the synapses are stored, and drawn. */
  enum Kind {
    /** Every source reaches every target. */
    DENSE,
    /** Compressed sparse rows, each synapse with a probability. */
    CSR,
    /** As many targets for each source. */
    FIXED_FAN_OUT,
    /** As many sources for each target. */
    FIXED_FAN_IN,
    /** Square blocks of synapses, each block with a probability. */
    BLOCK_SPARSE,
    /** Compressed sparse rows that were given. */
    PATTERN
  }

  /** The kind. */
  Kind kind();

  /** Expected number of synapses of a target. */
  double fanIn(int from, int to);

  /** Expected number of synapses. */
  default double synapses(int from, int to) {
    return fanIn(from, to) * to;
  }

  /**
   * Refuses extents that it does not fit.
   *
   * @param name of the connection
   */
  default void check(String name, int from, int to) {
    checkTargets(name, to);
  }

  /** The part of {@link #check} that needs no sources. */
  default void checkTargets(String name, int to) {}

  /** Adds what JSON says besides the kind. */
  void addTo(Map<String, Object> map);

  /** Every source to every target. */
  record Dense() implements Connectivity {
    @Override
    public Kind kind() {
      return Kind.DENSE;
    }

    @Override
    public double fanIn(int from, int to) {
      return from;
    }

    @Override
    public void addTo(Map<String, Object> map) {}
  }

  /**
   * Each possible synapse with a probability.
   *
   * @param density the probability, in (0, 1)
   */
  record Random(double density) implements Connectivity {
    /** Checks the density. */
    public Random {
      requireDensity(density);
    }

    @Override
    public Kind kind() {
      return Kind.CSR;
    }

    @Override
    public double fanIn(int from, int to) {
      return from * density;
    }

    @Override
    public void addTo(Map<String, Object> map) {
      map.put("density", density);
    }
  }

  /**
   * As many different targets for each source.
   *
   * @param targets how many, at least 1
   */
  record FanOut(int targets) implements Connectivity {
    /** Checks the number. */
    public FanOut {
      requireOne("fanOut", targets);
    }

    @Override
    public Kind kind() {
      return Kind.FIXED_FAN_OUT;
    }

    @Override
    public double fanIn(int from, int to) {
      return (double) from * targets / to;
    }

    @Override
    public void checkTargets(String name, int to) {
      requireAtMost(name, "fanOut", targets, to, "targets");
    }

    @Override
    public void addTo(Map<String, Object> map) {
      map.put("fanOut", targets);
    }
  }

  /**
   * As many different sources for each target.
   *
   * @param sources how many, at least 1
   */
  record FanIn(int sources) implements Connectivity {
    /** Checks the number. */
    public FanIn {
      requireOne("fanIn", sources);
    }

    @Override
    public Kind kind() {
      return Kind.FIXED_FAN_IN;
    }

    @Override
    public double fanIn(int from, int to) {
      return sources;
    }

    @Override
    public void check(String name, int from, int to) {
      requireAtMost(name, "fanIn", sources, from, "sources");
    }

    @Override
    public void addTo(Map<String, Object> map) {
      map.put("fanIn", sources);
    }
  }

  /**
   * Square blocks of synapses; those at the edges may be cut.
   *
   * @param density probability of a block, in (0, 1]
   * @param size sources and targets of a block, at least 1
   */
  record Blocks(double density, int size) implements Connectivity {
    /** Checks both. */
    public Blocks {
      requireDensity(density);
      requireOne("blockSize", size);
    }

    @Override
    public Kind kind() {
      return Kind.BLOCK_SPARSE;
    }

    @Override
    public double fanIn(int from, int to) {
      return from * density;
    }

    @Override
    public void addTo(Map<String, Object> map) {
      map.put("density", density);
      map.put("blockSize", size);
    }
  }

  /**
   * Synapses that were given. JSON only says which they were, by a checksum: a model file holds
   * them among its numbers. Two are equal whose checksums are.
   *
   * @param sources number of rows
   * @param count number of synapses
   * @param checksum of offsets and targets
   * @param rows offsets, null where they were read from JSON
   * @param targets of the synapses, null where they were read from JSON
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Given(int sources, int count, long checksum, int[] rows, int[] targets)
      implements Connectivity {

    /** Copies the rows; targets ascend and are unique in each. */
    public static Given of(int[] rowOffsets, int[] indices) {
      int sources = Math.max(1, rowOffsets.length - 1);
      CsrSynapses.checkPattern(sources, Integer.MAX_VALUE, rowOffsets, indices);
      if (indices.length == 0) {
        throw new IllegalArgumentException("indices: expected at least one synapse, got none.");
      }
      CRC32 sum = new CRC32();
      for (int[] part : new int[][] {rowOffsets, indices}) {
        for (int value : part) {
          for (int shift = 0; shift < 32; shift += 8) {
            sum.update(value >>> shift);
          }
        }
      }
      return new Given(
          sources, indices.length, sum.getValue(), rowOffsets.clone(), indices.clone());
    }

    @Override
    public Kind kind() {
      return Kind.PATTERN;
    }

    @Override
    public double fanIn(int from, int to) {
      return (double) count / to;
    }

    @Override
    public void check(String name, int from, int to) {
      int largest = targets == null ? 0 : Arrays.stream(targets).max().orElse(0);
      if (sources != from || largest >= to) {
        throw new IllegalArgumentException(
            name
                + ": expected a pattern of "
                + from
                + " sources and targets below "
                + to
                + ", got one of "
                + sources
                + " sources and targets up to "
                + largest
                + ".");
      }
    }

    @Override
    public void addTo(Map<String, Object> map) {
      map.put("sources", sources);
      map.put("count", count);
      map.put("checksum", Long.toHexString(checksum));
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Given given
          && given.sources == sources
          && given.count == count
          && given.checksum == checksum;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(checksum);
    }

    @Override
    public String toString() {
      Map<String, Object> map = new LinkedHashMap<>();
      addTo(map);
      return "Given" + map;
    }
  }

  private static void requireDensity(double density) {
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException("density: expected (0, 1], got " + density + ".");
    }
  }

  private static void requireOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, got " + value + ".");
    }
  }

  private static void requireAtMost(String name, String what, int value, int most, String of) {
    if (value > most) {
      throw new IllegalArgumentException(
          name
              + ": expected a "
              + what
              + " of at most "
              + most
              + " "
              + of
              + ", as there are, got "
              + value
              + ".");
    }
  }

  /** Reads what {@link #addTo} wrote. */
  static Connectivity of(JsonObject json) throws JsonException {
    return switch (json.choice("synapses", Kind.class, Kind.DENSE)) {
      case DENSE -> new Dense();
      case CSR -> new Random(json.real("density"));
      case FIXED_FAN_OUT -> new FanOut(json.integer("fanOut"));
      case FIXED_FAN_IN -> new FanIn(json.integer("fanIn"));
      case BLOCK_SPARSE -> new Blocks(json.real("density"), json.integer("blockSize"));
      case PATTERN -> given(json);
    };
  }

  private static Given given(JsonObject json) throws JsonException {
    if (!json.has("checksum")) {
      throw json.problem(
          "synapses",
          "a pattern of one's own is given in Java, by Connection.pattern(rowOffsets, indices);"
              + " expected csr, fixed-fan-in, fixed-fan-out or block-sparse in a file");
    }
    long checksum;
    try {
      checksum = Long.parseUnsignedLong(json.text("checksum"), 16);
    } catch (NumberFormatException e) {
      throw json.problem("checksum", "expected hexadecimal digits");
    }
    return new Given(json.integer("sources"), json.integer("count"), checksum, null, null);
  }
}
