package io.tacet.nir;

import io.tacet.eventprop.LifStep;
import io.tacet.memory.DType;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.nir.Circuit.Population;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;

/**
 * The neurons of a node as ours, {@code tauMem V' = -V + I + bias, tauSyn I' = -I}, where a spike
 * adds its weight to I: times in ms, and by what the weights of NIR are to be multiplied.
 *
 * <p>Where NIR has a synaptic current, {@code I = r i}, and a spike of area p adds {@code r w_in p
 * / tau_syn}. Where it has none, a spike makes V jump by {@code r p / tau}; on a grid of step dt
 * that is what a current does that is gone after a step: {@code V = alpha V + gamma I}, with a
 * weight of {@code 1 / gamma} for a jump of 1 and tauSyn a hundredth of dt. Nodes of LI in front of
 * neurons are synaptic currents, too: with two in a row, or one in front of CubaLIF, alpha
 * synapses.
 *
 * @param weight factor of each neuron's weights
 * @param features what they have beyond LIF neurons
 */
record Neurons(
    double[] tauMem,
    double[] tauSyn,
    double[] threshold,
    double[] reset,
    double[] bias,
    double[] weight,
    Set<Feature> features) {

  private static final double MS = 1000;

  /** Synaptic time constants in a step where a current is to last no longer. */
  private static final double STEP_OVER_SYNAPSE = 100;

  /** Membrane time constants in a step where V is not to leak: e^-1e-12 a step. */
  private static final double NO_LEAK = 1e12;

  /** Those of populations one after the other. */
  static Neurons of(List<Population> populations, NirSettings settings, DType precision) {
    List<Neurons> all = new ArrayList<>();
    for (Population population : populations) {
      Neurons neurons = new Conversion(population, settings, precision).neurons();
      neurons.check(population, precision);
      if (!all.isEmpty() && !neurons.features().equals(all.get(0).features())) {
        throw population.problem(
            "expected neurons of one kind in a cycle, found some with "
                + neurons.features()
                + " and some with "
                + all.get(0).features(),
            "Give all the same nodes.");
      }
      all.add(neurons);
    }
    return new Neurons(
        joined(all, Neurons::tauMem),
        joined(all, Neurons::tauSyn),
        joined(all, Neurons::threshold),
        joined(all, Neurons::reset),
        joined(all, Neurons::bias),
        joined(all, Neurons::weight),
        all.get(0).features());
  }

  /** The same with other features. */
  Neurons features(Set<Feature> other) {
    return new Neurons(tauMem, tauSyn, threshold, reset, bias, weight, other);
  }

  private static double[] joined(List<Neurons> all, Function<Neurons, double[]> values) {
    return all.stream().map(values).flatMapToDouble(Arrays::stream).toArray();
  }

  private void check(Population population, DType precision) {
    double least = precision == DType.FLOAT32 ? Math.ulp(1f) : Math.ulp(1.0);
    for (int k = 0; k < threshold.length; k++) {
      if (!(tauSyn[k] > least * tauMem[k] && tauMem[k] > least * tauSyn[k])) {
        throw population.problem(
            "expected time constants whose ratio "
                + precision
                + " can tell from 0, found "
                + tauMem[k]
                + " and "
                + tauSyn[k]
                + " ms of neuron "
                + k,
            "Say precision=FLOAT64, or take a longer step.");
      }
      if (population.node().kind().spikes() && !(threshold[k] > 0 && reset[k] < threshold[k])) {
        throw population.problem(
            "expected a positive v_threshold above v_reset, found "
                + threshold[k]
                + " and "
                + reset[k]
                + " of neuron "
                + k,
            "Shift v_leak, v_reset and v_threshold by the same number.");
      }
    }
  }

  /** From one population. */
  private record Conversion(Population population, NirSettings settings, DType precision) {

    Neurons neurons() {
      if (!population.currents().isEmpty()) {
        return withCurrents();
      }
      return switch (population.node().kind()) {
        case CUBA_LI, CUBA_LIF -> withCurrent();
        case LI, LIF -> settings.synapse() > 0 ? withGivenSynapse() : jumping();
        default -> hasGivenSynapse() ? integratingGivenSynapse() : withoutLeak();
      };
    }

    private boolean hasGivenSynapse() {
      boolean spikes = population.node().kind() == NirKind.IF;
      return spikes && settings.dt() == 0 && settings.synapse() > 0;
    }

    /** With nodes of LI as the currents, one after the other. */
    private Neurons withCurrents() {
      Currents currents = Currents.of(population, settings.pulse() / MS);
      double[] tauSyn = Arrays.stream(currents.tau()).map(s -> s * MS).toArray();
      double[] gain = currents.gain();
      Set<Feature> features = EnumSet.noneOf(Feature.class);
      if (currents.stages() == 2) {
        features.add(Feature.ALPHA_SYNAPSE);
      }
      if (population.node().kind() == NirKind.IF) {
        features.add(Feature.NON_LEAKY);
        requireNoSteps(features);
        return with(tauOfGain(), tauSyn, k -> population.constant()[k], k -> gain[k])
            .features(features);
      }
      requireNoSteps(features);
      boolean cuba = population.node().kind() == NirKind.CUBA_LIF;
      double[] r = population.values("r", 1);
      return with(inMs(cuba ? "tau_mem" : "tau"), tauSyn, bias(), k -> r[k] * gain[k])
          .features(features);
    }

    private void requireNoSteps(Set<Feature> features) {
      if (features.contains(Feature.ALPHA_SYNAPSE) && settings.dt() > 0) {
        throw population.problem(
            "expected the exact simulation of neurons with " + features + ", got steps",
            "Leave out the setting dt.");
      }
    }

    /** The membrane time constants in ms with which {@code tauMem V' = I} is {@code v' = r i}. */
    private double[] tauOfGain() {
      double[] r = population.values("r", 1);
      for (int k = 0; k < r.length; k++) {
        if (!(r[k] > 0)) {
          throw population.problem(
              "expected a positive r of neurons without leak, found " + r[k] + " of neuron " + k,
              "Turn the signs of the weights instead.");
        }
      }
      return Arrays.stream(r).map(perSecond -> MS / perSecond).toArray();
    }

    /** IF whose spikes bring their charge over the time that settings say. */
    private Neurons integratingGivenSynapse() {
      double synapse = settings.synapse();
      double[] r = population.values("r", 1);
      return with(
              Circuit.filled(synapse, population.count()),
              Circuit.filled(synapse, population.count()),
              k -> r[k] * population.constant()[k] * synapse / MS,
              k -> r[k])
          .features(EnumSet.of(Feature.NON_LEAKY));
    }

    private Neurons withCurrent() {
      double[] r = population.values("r", 1);
      double[] inputWeight = population.values("w_in", 1);
      double[] tauSyn = population.values("tau_syn", 1);
      double pulse = settings.pulse() / MS;
      double[] constant = population.constant();
      if (!Circuit.allZero(constant) && !settings.approximate()) {
        throw population.problem(
            "expected no bias in front of a synaptic current, found one; it would act at once, and"
                + " not as fast as the current rises",
            "Allow that with the setting approximate=true, or move the bias to v_leak.");
      }
      double[] leak = population.values("v_leak", 0);
      return with(
          inMs("tau_mem"),
          inMs("tau_syn"),
          k -> leak[k] + r[k] * inputWeight[k] * constant[k],
          k -> r[k] * (inputWeight[k] / (tauSyn[k] / pulse)));
    }

    private Neurons withGivenSynapse() {
      double[] r = population.values("r", 1);
      return with(
          inMs("tau"),
          Circuit.filled(settings.synapse(), population.count()),
          bias(),
          k -> r[k] * (settings.pulse() / settings.synapse()));
    }

    private Neurons jumping() {
      double dt = step("Or give its spikes a synaptic time constant, with the setting synapse=MS.");
      double tauSyn = dt / STEP_OVER_SYNAPSE;
      double[] r = population.values("r", 1);
      double[] tauMem = inMs("tau");
      return with(
          tauMem,
          Circuit.filled(tauSyn, population.count()),
          bias(),
          k -> r[k] * settings.pulse() / tauMem[k] / LifStep.of(tauMem[k], tauSyn, dt).gamma());
    }

    /** That of LI and LIF, whose constant input is a current into the membrane. */
    private IntToDoubleFunction bias() {
      double[] leak = population.values("v_leak", 0);
      double[] r = population.values("r", 1);
      return k -> leak[k] + r[k] * population.constant()[k];
    }

    private Neurons withoutLeak() {
      double dt =
          step(
              population.node().kind() == NirKind.IF
                  ? "Or give its spikes a synaptic time constant, with the setting synapse=MS."
                  : "");
      if (precision != DType.FLOAT64) {
        throw population.problem(
            "expected double precision, in which no leak can be told from a very small one, got "
                + precision,
            "Say precision=FLOAT64, of the java backend.");
      }
      if (!Circuit.allZero(population.constant())) {
        throw population.problem(
            "expected no bias in front of neurons without leak, found one",
            "Leave it out, or use LIF.");
      }
      double tauMem = dt * NO_LEAK;
      double tauSyn = dt / STEP_OVER_SYNAPSE;
      double gamma = LifStep.of(tauMem, tauSyn, dt).gamma();
      double[] r = population.values("r", 1);
      int count = population.count();
      return with(
          Circuit.filled(tauMem, count), Circuit.filled(tauSyn, count), k -> 0, k -> r[k] / gamma);
    }

    private double step(String otherwise) {
      if (settings.dt() == 0) {
        throw population.problem(
            "expected a simulation in steps, since its voltage jumps at spikes, got the exact one",
            ("Say how long a step is, with the setting dt=MS. " + otherwise).strip());
      }
      return settings.dt();
    }

    private double[] inMs(String field) {
      double[] seconds = population.values(field, 1);
      return Arrays.stream(seconds).map(s -> s * MS).toArray();
    }

    private Neurons with(
        double[] tauMem, double[] tauSyn, IntToDoubleFunction bias, IntToDoubleFunction weight) {
      double[] biases = new double[population.count()];
      double[] weights = new double[population.count()];
      Arrays.setAll(biases, bias);
      Arrays.setAll(weights, weight);
      return new Neurons(
          tauMem,
          tauSyn,
          population.values("v_threshold", 1),
          population.values("v_reset", 0),
          biases,
          weights,
          EnumSet.noneOf(Feature.class));
    }
  }
}
