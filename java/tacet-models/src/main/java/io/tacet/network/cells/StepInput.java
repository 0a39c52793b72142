package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Connection;
import io.tacet.network.Flow;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.Numbers;
import io.tacet.network.Signal;
import io.tacet.network.Weights;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.SparsePattern;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Weights from the steps below to the currents of a layer, the same for every cell on steps: dense,
 * or CSR. Its arrays are among those of the layer.
 */
final class StepInput {
  private static final String WEIGHTS = ".inputWeights";
  private static final String OFFSETS = ".inputOffsets";
  private static final String INDICES = ".inputIndices";
  private static final String SIGNS = ".inputSigns";

  private final LayerContext context;
  private final LayerArrays arrays;
  private final DeviceArray weights;
  private final DeviceArray gradient;

  /** Null where weights are dense. */
  private final CsrSynapses sparse;

  /**
   * Makes the arrays.
   *
   * @param name with which names of its arrays begin
   * @param units of the layer
   * @param gates currents of a unit in a step of a sample
   */
  StepInput(
      LayerContext context,
      LayerArrays arrays,
      String name,
      int units,
      int gates,
      Connection connection) {
    this.context = context;
    this.arrays = arrays;
    int to = Math.multiplyExact(gates, units);
    int from = context.below().columns();
    if (connection.kind() == Connection.Kind.CSR) {
      weights = arrays.real(name + WEIGHTS);
      sparse = pattern(name, from, to);
      rewired(name).register(arrays, connection, SparsePattern.of(sparse), gates, Weights.xavier());
    } else {
      weights = arrays.real(name + WEIGHTS, from, to);
      sparse = null;
    }
    gradient = arrays.train(name + WEIGHTS);
  }

  private CsrSynapses pattern(String name, int from, int to) {
    DeviceArray offsets = arrays.integer(name + OFFSETS);
    DeviceArray indices = arrays.integer(name + INDICES);
    CsrSynapses synapses = new CsrSynapses(from, to, offsets, indices, weights, null);
    SparsePattern.of(synapses).validate();
    return synapses;
  }

  private static RewiredArrays rewired(String name) {
    return new RewiredArrays(name + INDICES, name + WEIGHTS, name + SIGNS, null);
  }

  /**
   * Refuses what has no kernel.
   *
   * @param layer what the user called
   */
  static void check(String layer, Connection connection) {
    if (connection.kind() == Connection.Kind.FIXED_FAN_OUT || connection.delayed()) {
      throw new IllegalArgumentException(
          "input: expected dense or CSR synapses without delays for "
              + layer
              + ", which has no kernel for others yet, got "
              + connection.toMap()
              + ". Layers of .lif(...) take fixed fan-out and delays.");
    }
  }

  /** Refuses sparse weights of which tokens would select rows. */
  static void check(String layer, Flow below, Connection connection) {
    if (below.kind() == Flow.Kind.TOKENS && connection.kind() != Connection.Kind.DENSE) {
      throw new IllegalArgumentException(
          "input: expected dense synapses for "
              + layer
              + " on tokens, which select rows of the weights, got "
              + connection.toMap()
              + ". Put .embedding(columns) between.");
    }
  }

  /** Multiplications of a step of a sample. */
  static double multiplyAdds(int from, int to, Connection connection) {
    return connection.density() * from * to;
  }

  /**
   * Draws initial numbers.
   *
   * @param gates currents of a unit, which share the pattern of CSR
   */
  static void draw(
      Numbers into,
      String name,
      int from,
      int units,
      int gates,
      Connection connection,
      RandomGenerator random) {
    Weights law = connection.weightsOr(Weights.xavier());
    int to = Math.multiplyExact(gates, units);
    int count;
    if (connection.kind() == Connection.Kind.CSR) {
      SynapseDraw.Pattern pattern =
          SynapseDraw.pattern(from, units, connection.density(), random).repeated(gates, units);
      into.put(name + OFFSETS, pattern.offsets());
      into.put(name + INDICES, pattern.indices());
      count = pattern.indices().length;
    } else {
      count = Math.multiplyExact(from, to);
    }
    double[] values = new double[count];
    Arrays.setAll(values, i -> law.draw(random, from * connection.density(), to));
    into.put(name + WEIGHTS, values);
    rewired(name).draw(into, connection, gates);
  }

  /** The weights: [sources][currents], or of each synapse. */
  DeviceArray weights() {
    return weights;
  }

  DeviceArray gradient() {
    return gradient;
  }

  /** A copy of the weights, [sources][currents]; 0 where there is no synapse. */
  float[] matrix() {
    float[] values = weights.toFloats();
    if (sparse == null) {
      return values;
    }
    float[] all = new float[Math.multiplyExact(sparse.sources(), sparse.targets())];
    int[] offsets = sparse.rowOffsets().toInts();
    int[] indices = sparse.indices().toInts();
    for (int i = 0; i < sparse.sources(); i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        all[i * sparse.targets() + indices[s]] = values[s];
      }
    }
    return all;
  }

  /**
   * Room for passes.
   *
   * @param rows steps x batch
   */
  Room room(int rows) {
    return sparse == null ? new DenseRoom() : new SparseRoom(rows);
  }

  /** The input in passes of one shape. */
  interface Room extends AutoCloseable {
    /** Writes the currents of all steps. */
    void forward(DeviceArray below, DeviceArray currents);

    /**
     * Adds the gradient of the weights.
     *
     * @param below as in the forward pass
     * @param errors dL/dcurrents
     */
    void addGradient(DeviceArray below, DeviceArray errors);

    /**
     * Writes the errors of what is below, or adds them.
     *
     * @param add only where weights are dense
     */
    void descend(DeviceArray errors, boolean add, DeviceArray below);

    /**
     * Backward of a layer in one direction.
     *
     * @param descend whether the errors of what is below are wanted
     * @return these errors, in the place of its values; null if they are not wanted
     */
    default DeviceArray backward(Signal below, DeviceArray errors, boolean descend) {
      DeviceArray values = ((Signal.Steps) below).values();
      addGradient(values, errors);
      if (!descend) {
        return null;
      }
      descend(errors, false, values);
      return values;
    }

    @Override
    void close();
  }

  private final class DenseRoom implements Room {
    @Override
    public void forward(DeviceArray below, DeviceArray currents) {
      Dense.multiply(below, weights, false, currents);
    }

    @Override
    public void addGradient(DeviceArray below, DeviceArray errors) {
      Dense.transposedMultiply(below, errors, true, gradient);
    }

    @Override
    public void descend(DeviceArray errors, boolean add, DeviceArray below) {
      Dense.multiplyTransposed(errors, weights, add, below);
    }

    @Override
    public void close() {}
  }

  /** All steps of all samples are a batch of events, of which each unit that is not 0 has one. */
  private final class SparseRoom implements Room {
    private final int rows;
    private final EventPropagation propagation;
    private final Events events;

    /** Every unit, since those at 0 have errors, too; made when first needed. */
    private Events everyone;

    private int version = arrays.patternVersion();
    private final Resources resources = new Resources();

    SparseRoom(int rows) {
      this.rows = rows;
      try {
        propagation = resources.own(EventPropagation.of(sparse, rows));
        events =
            resources.own(Events.graded(context.backend(), context.type(), rows, sparse.sources()));
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    @Override
    public void forward(DeviceArray below, DeviceArray currents) {
      if (version != arrays.patternVersion()) {
        propagation.patternChanged();
        version = arrays.patternVersion();
      }
      currents.zero();
      propagation.forward(events.compact(below), currents);
    }

    @Override
    public void addGradient(DeviceArray below, DeviceArray errors) {
      propagation.weightGradient(events, errors, gradient);
    }

    @Override
    public void descend(DeviceArray errors, boolean add, DeviceArray below) {
      if (add) {
        throw new IllegalArgumentException("add: expected false for sparse weights.");
      }
      if (everyone == null) {
        everyone = resources.own(Events.binary(context.backend(), rows, sparse.sources()));
        fill(everyone);
      }
      propagation.transposed(everyone, errors, below);
    }

    private void fill(Events all) {
      int words = Events.words(all.sources());
      int[] bits = new int[Math.multiplyExact(rows, words)];
      Arrays.fill(bits, -1);
      if (all.sources() % 32 != 0) {
        for (int row = 1; row <= rows; row++) {
          bits[row * words - 1] = (1 << all.sources() % 32) - 1;
        }
      }
      all.bitmap().copyFrom(bits);
      all.expand();
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
