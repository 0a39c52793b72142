package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruStream;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.AbsentGradients;
import io.tacet.network.Connection;
import io.tacet.network.Flow;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.Signal;
import io.tacet.network.Weights;
import io.tacet.rewire.GradientFactors;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.SparsePattern;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Weights from the steps below to the currents of a layer, the same for every cell on steps: dense,
 * or sparse and stored as CSR. Its arrays are among those of the layer.
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

  /** Null where nobody will want it. */
  private final AbsentGradients absent;

  private final long synapses;

  /**
   * Makes the arrays.
   *
   * @param name with which names of its arrays begin
   * @param units of the layer
   * @param gates currents of a unit
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
    if (connection.isDense()) {
      weights = arrays.real(name + WEIGHTS, from, to);
      sparse = null;
      absent = null;
    } else {
      weights = arrays.real(name + WEIGHTS);
      sparse =
          new CsrSynapses(
                  from,
                  to,
                  arrays.integer(name + OFFSETS),
                  arrays.indices(name + INDICES, to),
                  weights,
                  null)
              .validate();
      int shared = connection.ownGates() ? 1 : gates;
      absent =
          rewired(name)
              .register(
                  arrays,
                  connection,
                  new Wiring(SparsePattern.of(sparse), shared, shared > 1),
                  () ->
                      Specs.law(
                          connection.weightsOr(Weights.xavier()), connection, from, units, gates),
                  null);
    }
    gradient = arrays.train(name + WEIGHTS);
    synapses = weights.length() / (connection.ownGates() ? 1 : gates);
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
    Specs.refuseDelays("input", layer, connection);
  }

  /** Refuses sparse weights of which tokens would select rows, and what does not fit. */
  static void check(String layer, Flow below, int units, Connection connection) {
    if (below.kind() == Flow.Kind.TOKENS && !connection.isDense()) {
      throw new IllegalArgumentException(
          "input: expected dense synapses for "
              + layer
              + " on tokens, which select rows of the weights, got "
              + connection.toMap()
              + ". Put .embedding(columns) between.");
    }
    connection.connectivity().check("input", below.columns(), units);
  }

  /** Multiplications of a step of a sample. */
  static double multiplyAdds(int from, int units, int gates, Connection connection) {
    return gates * connection.connectivity().synapses(from, units);
  }

  /**
   * Draws initial numbers.
   *
   * @param gates currents of a unit, which share a pattern unless the connection says otherwise
   */
  static void draw(
      Numbers into,
      String name,
      int from,
      int units,
      int gates,
      Connection connection,
      RandomGenerator random) {
    int count;
    if (connection.isDense()) {
      count = Math.multiplyExact(from, Math.multiplyExact(gates, units));
    } else {
      PatternDraw.Pattern pattern =
          PatternDraw.gates(
              connection.connectivity(), from, units, gates, connection.ownGates(), random);
      into.put(name + OFFSETS, pattern.offsets());
      into.put(name + INDICES, pattern.indices());
      count = pattern.count();
    }
    into.put(
        name + WEIGHTS,
        Specs.values(
            connection.weightsOr(Weights.xavier()), connection, from, units, gates, count, random));
    int shared = connection.ownGates() ? 1 : gates;
    rewired(name).draw(into, connection, shared, shared);
  }

  /** Number of synapses; those of gates that share a pattern count once. */
  long synapses() {
    return synapses;
  }

  /** The weights: [sources][currents], or of each synapse. */
  DeviceArray weights() {
    return weights;
  }

  DeviceArray gradient() {
    return gradient;
  }

  /** The product of one step with a copy of the weights. */
  StepProduct product(int batch) {
    return sparse == null
        ? StepProduct.of(batch, weights.toFloats(), context.below().columns())
        : StepProduct.of(batch, weights.toFloats(), SparsePattern.of(sparse));
  }

  /** A stream of event-gated units over these inputs. */
  EgruStream stream(EgruLayer layer, int batch) {
    return sparse == null
        ? EgruStream.of(layer, weights, batch)
        : EgruStream.of(layer, sparse, batch);
  }

  /** Room for passes. */
  Room room(PassShape shape) {
    return sparse == null ? new DenseRoom() : new SparseRoom(shape);
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

    /** Every unit, since those at 0 have errors, too; null where nobody wants them. */
    private final Events everyone;

    private int version = arrays.patternVersion();
    private final Resources resources = new Resources();

    SparseRoom(PassShape shape) {
      rows = Math.multiplyExact(shape.steps(), shape.batch());
      boolean descends = shape.trains() && !context.layers().isEmpty();
      try {
        propagation = resources.own(EventPropagation.of(sparse, rows));
        events =
            resources.own(Events.graded(context.backend(), context.type(), rows, sparse.sources()));
        everyone =
            descends
                ? resources.own(Events.binary(context.backend(), rows, sparse.sources()))
                : null;
        if (descends) {
          fill(everyone);
        }
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
      if (absent != null && absent.areWanted()) {
        absent.show(GradientFactors.of(below, errors));
      }
    }

    @Override
    public void descend(DeviceArray errors, boolean add, DeviceArray below) {
      if (add) {
        throw new IllegalArgumentException("add: expected false for sparse weights.");
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
