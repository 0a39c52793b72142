package io.tacet.network;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A pass over a long sequence in segments, each of which is computed again, from the state that it
 * began with, when the backward pass comes to it (Chen, Xu, Zhang and Guestrin 2016, "Training deep
 * nets with sublinear memory cost"). Activations and tapes are those of one segment: with segments
 * of sqrt(T) steps memory grows with sqrt(T), for one more forward pass. The gradient is that of
 * the whole sequence; numbers agree up to rounding, but for zoneout, which draws other masks.
 *
 * <p>The trace that a read-out reads is the sum of those of the segments, each of which has decayed
 * over all steps after it. Where the last step is read of samples that end in different segments,
 * it is collected like the trace.
 */
final class Segments implements AutoCloseable {
  private final Network network;
  private final Stack stack;
  private final int count;

  /** States before the first segment and after each, in pairs. */
  private final List<NetworkState> states = new ArrayList<>();

  /** Errors of the states before and after a segment; null in inference. */
  private final NetworkState stateErrors;

  /** Numbers of the rows of each segment among those of all steps, then among the samples. */
  private final List<DeviceArray> rows = new ArrayList<>();

  private final DeviceArray eachSample;
  private final DeviceArray input;

  /** Trace of the whole sequence and its errors, [batch][columns]; null where it is not read. */
  private final DeviceArray trace;

  private final DeviceArray traceErrors;
  private final double decay;
  private final PassShape whole;
  private final Resources resources = new Resources();
  private long seed;

  /** Made when they are first needed. */
  private SegmentLengths lengths;

  /** Errors of the last steps, [batch][columns]; made when they are first needed. */
  private DeviceArray lastErrors;

  /** Whether samples of the last pass have lengths of their own. */
  private boolean ragged;

  /**
   * Room for passes.
   *
   * @param whole shape of the sequences
   */
  Segments(Network network, PassShape whole) {
    this.network = network;
    this.whole = whole;
    check(network.spec(), whole);
    int length = whole.segment();
    count = whole.steps() / length;
    Backend backend = network.backend();
    DType type = network.spec().precision();
    List<LayerSpec> layers = network.spec().layers();
    int top = layers.size() - 1;
    try {
      stack = resources.own(new Stack(network, whole.ofLayers()));
      for (int s = 0; s <= count; s += 2) {
        states.add(resources.own(network.state(whole.batch())));
      }
      stateErrors = whole.trains() ? resources.own(network.state(whole.batch())) : null;
      for (int s = 0; s < count; s++) {
        rows.add(rows(s * length * whole.batch(), length * whole.batch()));
      }
      eachSample = rows(0, whole.batch());
      long channels = network.spec().input().flow().columns();
      input = array(backend, type, length, whole.batch(), channels);
      boolean traced = layers.get(top).readsTrace();
      long columns = network.spec().below(top).columns();
      trace = traced ? array(backend, type, whole.batch(), columns) : null;
      traceErrors = traced && whole.trains() ? array(backend, type, whole.batch(), columns) : null;
      decay = traced ? Math.pow(layers.get(top - 1).traceDecay(), length) : 0;
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private DeviceArray array(Backend backend, DType type, long... shape) {
    return resources.own(backend.allocate(type, shape));
  }

  private DeviceArray rows(int from, int length) {
    return array(network.backend(), DType.INT32, length)
        .copyFrom(IntStream.range(from, from + length).toArray());
  }

  private static void check(NetworkSpec spec, PassShape shape) {
    int top = spec.layers().size() - 1;
    if (shape.steps() % shape.segment() != 0) {
      int below = shape.segment();
      while (shape.steps() % below != 0) {
        below--;
      }
      int above = shape.segment();
      while (shape.steps() % above != 0) {
        above++;
      }
      throw new IllegalArgumentException(
          "segments: expected a length that divides the "
              + shape.steps()
              + " steps, such as "
              + below
              + " or "
              + above
              + ", got "
              + shape.segment()
              + ".");
    }
    if (spec.input().flow().kind() != Flow.Kind.STEPS
        || spec.layers().get(top).readsEveryStep()
        || spec.layers().stream().anyMatch(LayerSpec::seesLaterSteps)) {
      throw new IllegalArgumentException(
          "segments: expected a network on sequences, of layers forward in time, that is read out"
              + " once, got "
              + spec.toJson()
              + ". Text trains in chunks (Training.chunk).");
    }
  }

  Stack stack() {
    return stack;
  }

  /** State before segment s, by layer. */
  private IntFunction<LayerState> between(int s) {
    return k -> {
      LayerState before = states.get(s / 2).of(k);
      LayerState after = states.get((s + 1) / 2).of(k);
      return s % 2 == 0
          ? LayerState.view(before.arrays(false), after.arrays(true))
          : LayerState.view(before.arrays(true), after.arrays(false));
    };
  }

  private IntFunction<Run> runs(int s, boolean again) {
    IntFunction<LayerState> state = between(s);
    Lengths own = ragged ? lengths.of(s) : null;
    return k -> new Run(seed, state.apply(k), new Run.Segment(s, again, errors(k)), own);
  }

  private LayerState errors(int k) {
    return stateErrors == null ? null : stateErrors.of(k);
  }

  private void set(int[] given) {
    ragged = given != null;
    if (!ragged) {
      return;
    }
    if (lengths == null) {
      List<LayerSpec> layers = network.spec().layers();
      double ofStep = trace == null ? Double.NaN : layers.get(layers.size() - 2).traceDecay();
      lengths = resources.own(new SegmentLengths(network, whole, ofStep));
    }
    lengths.set(given);
  }

  /**
   * Runs all layers over all segments.
   *
   * @param given steps of each sample; null for all
   */
  void forward(DeviceArray all, long passSeed, int[] given) {
    seed = passSeed;
    set(given);
    int top = stack.layers().size() - 1;
    DeviceArray last = null;
    if (trace != null) {
      trace.zero();
    }
    for (int s = 0; s < count; s++) {
      load(all, s);
      stack.forward(0, top, runs(s, false));
      Signal.Steps below = (Signal.Steps) stack.below(top);
      if (trace != null) {
        decay(trace, s);
        Dense.scatterAddRows(below.trace(), eachSample, trace);
      } else if (ragged) {
        last = lengths.takeLast(below.values(), s);
      }
    }
    if (trace != null || ragged) {
      stack.enter(top, new Signal.Steps(null, trace == null ? last : trace));
    }
    stack.forward(top, top + 1, runs(count - 1, false));
  }

  private void load(DeviceArray all, int s) {
    Dense.gatherRows(all, rows.get(s), input);
    stack.enter(0, new Signal.Steps(input, null));
  }

  /** Lets a trace, or its errors, decay over a segment. */
  private void decay(DeviceArray ofSequence, int s) {
    if (ragged) {
      lengths.decay(ofSequence, s);
    } else {
      ofSequence.backend().kernels().optimizer().scale(ofSequence, decay);
    }
  }

  /** Adds the gradients of all layers; {@code all} as in the forward pass. */
  void backward(DeviceArray all) {
    int top = stack.layers().size() - 1;
    stateErrors.zero();
    stateErrors.advance();
    stateErrors.zero();
    DeviceArray errors = stack.backward(top, top + 1, stack.top().errors(), runs(count - 1, false));
    stack.finish();
    DeviceArray ofEnd = trace == null && ragged ? lastErrors() : traceErrors;
    if (ofEnd != null) {
      Dense.gatherRows(errors, eachSample, ofEnd);
      errors = trace == null ? lengths.spread(ofEnd, count - 1) : ofEnd;
    }
    stack.backward(0, top, errors, runs(count - 1, false));
    for (int s = count - 2; s >= 0; s--) {
      stateErrors.advance();
      load(all, s);
      stack.forward(0, top, runs(s, true));
      if (trace != null) {
        decay(traceErrors, s + 1);
      }
      boolean spreads = trace == null && ragged;
      stack.backward(0, top, spreads ? lengths.spread(ofEnd, s) : traceErrors, runs(s, true));
    }
  }

  private DeviceArray lastErrors() {
    if (lastErrors == null) {
      long columns = network.spec().below(stack.layers().size() - 1).columns();
      lastErrors = array(network.backend(), network.spec().precision(), whole.batch(), columns);
    }
    return lastErrors;
  }

  @Override
  public void close() {
    resources.close();
  }
}
