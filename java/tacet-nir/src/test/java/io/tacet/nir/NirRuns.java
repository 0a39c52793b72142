package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.checkpoint.TypedArray;
import io.tacet.eventprop.Spikes;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.nir.NirEquations.Spike;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** Graphs to try, what runs them, and what compares their spikes. */
final class NirRuns {
  /** Of a second, as in snnTorch. */
  static final double PULSE = 1e-4;

  private NirRuns() {}

  static TypedArray random(SplittableRandom random, double low, double high, int... shape) {
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    return TypedArray.of(random.doubles(length, low, high).toArray(), shape);
  }

  static NirNode linear(TypedArray weight) {
    return NirNode.of(NirKind.LINEAR).numbers("weight", weight).build();
  }

  static NirNode cubaLif(SplittableRandom random, int count) {
    return NirNode.of(NirKind.CUBA_LIF)
        .numbers("tau_mem", random(random, 0.01, 0.03, count))
        .numbers("tau_syn", random(random, 0.003, 0.008, count))
        .numbers("r", random(random, 0.5, 2, count))
        .numbers("w_in", random(random, 20, 80, count))
        .numbers("v_leak", random(random, -0.2, 0.2, count))
        .numbers("v_reset", random(random, -0.3, 0.3, count))
        .numbers("v_threshold", random(random, 0.8, 1.2, count))
        .build();
  }

  static NirNode lif(SplittableRandom random, int count) {
    return NirNode.of(NirKind.LIF)
        .numbers("tau", random(random, 0.002, 0.02, count))
        .numbers("r", random(random, 20, 100, count))
        .numbers("v_leak", random(random, -0.1, 0.3, count))
        .numbers("v_reset", random(random, -0.3, 0.2, count))
        .numbers("v_threshold", random(random, 0.8, 1.2, count))
        .build();
  }

  /** Two layers, the first recurrent with delays, and a read-out. */
  static NirGraph recurrent(SplittableRandom random) {
    return NirGraph.builder()
        .node("in", NirNode.input(4))
        .node("w", linear(random(random, -1, 3, 6, 4)))
        .node("lif", cubaLif(random, 6))
        .node("rec", linear(random(random, -1, 1, 6, 6)))
        .node(
            "recDelay",
            NirNode.of(NirKind.DELAY).numbers("delay", random(random, 0, 0.004, 6)).build())
        .node(
            "delay",
            NirNode.of(NirKind.DELAY).numbers("delay", random(random, 0, 0.005, 6)).build())
        .node("up", linear(random(random, -0.5, 2, 3, 6)))
        .node("lif2", cubaLif(random, 3))
        .node("w3", linear(random(random, -1, 1, 2, 3)))
        .node(
            "li",
            NirNode.of(NirKind.CUBA_LI)
                .numbers("tau_mem", 0.02)
                .numbers("tau_syn", 0.005)
                .numbers("r", 1.5, 0.7)
                .numbers("w_in", 50.0)
                .numbers("v_leak", 0.0, 0.0)
                .build())
        .node("out", NirNode.output(2))
        .path("in", "w", "lif", "delay", "up", "lif2", "w3", "li", "out")
        .path("lif", "rec", "recDelay", "lif")
        .build();
  }

  static List<Spike> input(SplittableRandom random, int channels, int count, double end) {
    List<Spike> spikes = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      spikes.add(new Spike(random.nextDouble(0, end), random.nextInt(channels)));
    }
    spikes.sort(Comparator.comparingDouble(Spike::time));
    return spikes;
  }

  /** Runs one sample, times in s; the caller closes the pass. */
  static Pass run(Network network, List<Spike> input) {
    Pass pass = new Pass(network, PassShape.events(1, input.size(), null));
    double[] times = input.stream().mapToDouble(s -> 1000 * s.time()).toArray();
    int[] units = input.stream().mapToInt(Spike::neuron).toArray();
    pass.inputSpikes().set(new double[][] {times}, new int[][] {units});
    pass.forward();
    return pass;
  }

  static List<Spike> spikes(Spikes of) {
    List<Spike> all = new ArrayList<>();
    double[] times = of.times().toDoubles();
    int[] units = of.units().toInts();
    for (int k = 0; k < of.counts().toInts()[0]; k++) {
      all.add(new Spike(times[k] / 1000, units[k]));
    }
    return all;
  }

  /** Frames of spikes; a channel has at most one in a step. */
  static double[][] frames(SplittableRandom random, int steps, int channels, double rate) {
    double[][] frames = new double[steps][channels];
    for (double[] frame : frames) {
      for (int k = 0; k < channels; k++) {
        frame[k] = random.nextDouble() < rate ? 1 : 0;
      }
    }
    return frames;
  }

  static List<Spike> ofFrames(double[][] frames, double dt) {
    List<Spike> spikes = new ArrayList<>();
    for (int step = 0; step < frames.length; step++) {
      for (int k = 0; k < frames[step].length; k++) {
        for (int spike = 0; spike < frames[step][k]; spike++) {
          spikes.add(new Spike(step * dt, k));
        }
      }
    }
    return spikes;
  }

  static void assertSame(List<Spike> found, List<Spike> expected, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    for (int k = 0; k < found.size(); k++) {
      assertThat(found.get(k).neuron()).as("spike " + k).isEqualTo(expected.get(k).neuron());
      assertThat(found.get(k).time()).isCloseTo(expected.get(k).time(), within(tolerance));
    }
  }

  /** Each layer answers a step after what reached it; that apart, all is the same. */
  static void assertSameSteps(
      Spikes found, List<Spike> expected, double dt, int layersBelow, int steps) {
    List<String> ours = new ArrayList<>();
    for (Spike spike : spikes(found)) {
      ours.add(Math.round(spike.time() / dt) - 1 - layersBelow + ":" + spike.neuron());
    }
    List<String> theirs = new ArrayList<>();
    for (Spike spike : expected) {
      if (spike.time() + 1 + layersBelow <= steps) {
        theirs.add(Math.round(spike.time()) + ":" + spike.neuron());
      }
    }
    assertThat(ours).containsExactlyInAnyOrderElementsOf(theirs);
  }
}
