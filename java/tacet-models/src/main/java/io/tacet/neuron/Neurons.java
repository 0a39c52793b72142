package io.tacet.neuron;

import io.tacet.files.Suggestion;
import io.tacet.neuron.IntegrateAndFire.Feature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The neurons that are here, with time constants and scales like those of {@link
 * io.tacet.network.Lif}: tau_m 20 ms, tau_s 5 ms, rest 0, threshold 1. Parameters are changed with
 * {@link Neuron#with} and trained with {@link Neuron#train}.
 */
public final class Neurons {
  private static final double USUAL_TOLERANCE = 1e-9;
  private static final double LEAST_TOLERANCE = 1e-13;
  private static final double LARGEST_TOLERANCE = 1e-2;
  private static final List<HybridNeuron> NUMERICAL =
      List.of(
          new QuadraticNeuron(),
          new ExponentialNeuron(false),
          new ExponentialNeuron(true),
          new IzhikevichNeuron());

  private Neurons() {}

  /** A neuron with usual parameters; in closed form where it has one, else to 1e-9. */
  public static Neuron of(HybridNeuron dynamics) {
    double tolerance = dynamics instanceof IntegrateAndFire ? 0 : USUAL_TOLERANCE;
    return new Neuron(dynamics, Map.of(), Set.of(), tolerance);
  }

  /** Integrate and fire in closed form, with features. */
  public static Neuron integrateAndFire(Feature... features) {
    Set<Feature> chosen = EnumSet.noneOf(Feature.class);
    chosen.addAll(Arrays.asList(features));
    return of(new IntegrateAndFire(chosen));
  }

  /** Leaky integrate and fire: the neuron of {@link io.tacet.network.Lif}. */
  public static Neuron lif() {
    return integrateAndFire();
  }

  /**
   * LIF with an absolute refractory period.
   *
   * @param ms its length, the parameter {@code refractory}
   */
  public static Neuron refractory(double ms) {
    return integrateAndFire(Feature.REFRACTORY).with("refractory", ms);
  }

  /** Integrate and fire without leak. */
  public static Neuron nonLeaky() {
    return integrateAndFire(Feature.NON_LEAKY);
  }

  /** LIF with a threshold that jumps by 0.2 at a spike and decays with 100 ms. */
  public static Neuron alif() {
    return integrateAndFire(Feature.ADAPTIVE_THRESHOLD);
  }

  /** LIF with alpha synapses, whose current rises before it decays. */
  public static Neuron alpha() {
    return integrateAndFire(Feature.ALPHA_SYNAPSE);
  }

  /** Quadratic integrate and fire. */
  public static Neuron qif() {
    return of(NUMERICAL.get(0));
  }

  /** Exponential integrate and fire. */
  public static Neuron exponential() {
    return of(NUMERICAL.get(1));
  }

  /** Exponential integrate and fire with adaptation (AdEx). */
  public static Neuron adex() {
    return of(NUMERICAL.get(2));
  }

  /** Izhikevich's neuron, regular spiking, in mV and ms; weights are of the order of 10. */
  public static Neuron izhikevich() {
    return of(NUMERICAL.get(3));
  }

  /**
   * Dynamics by the name that files have: of those here, or of a {@link HybridNeuron} that a {@link
   * ServiceLoader} finds.
   *
   * @throws IllegalArgumentException if there are none of that name
   */
  public static HybridNeuron dynamics(String name) {
    IntegrateAndFire linear = IntegrateAndFire.named(name);
    if (linear != null) {
      return linear;
    }
    List<HybridNeuron> all = new ArrayList<>(NUMERICAL);
    ServiceLoader.load(HybridNeuron.class).forEach(all::add);
    List<String> names = new ArrayList<>(all.stream().map(HybridNeuron::name).toList());
    int at = names.indexOf(name);
    if (at >= 0) {
      return all.get(at);
    }
    names.add(0, "integrate-and-fire");
    throw new IllegalArgumentException(
        "dynamics: expected one of "
            + String.join(", ", names)
            + ", the first followed by features from "
            + Arrays.stream(Feature.values()).map(Feature::word).toList()
            + ", or a neuron of your own among the services of "
            + HybridNeuron.class.getName()
            + "; got '"
            + name
            + "'."
            + Suggestion.sentence(name, names));
  }

  static void check(HybridNeuron dynamics, double[] p, String whose) {
    String problem = dynamics.problem(p);
    for (double value : p) {
      problem = problem == null && !Double.isFinite(value) ? "finite numbers" : problem;
    }
    if (problem != null) {
      List<String> given = new ArrayList<>();
      for (int i = 0; i < p.length; i++) {
        given.add(dynamics.parameters().get(i).name() + " " + p[i]);
      }
      throw new IllegalArgumentException(
          dynamics.name()
              + ": expected "
              + problem
              + "; "
              + whose
              + " has "
              + String.join(", ", given)
              + ".");
    }
  }

  static void checkTolerance(HybridNeuron dynamics, double tolerance) {
    boolean closed = tolerance == 0 && dynamics instanceof IntegrateAndFire;
    if (!closed && !(tolerance >= LEAST_TOLERANCE && tolerance <= LARGEST_TOLERANCE)) {
      throw new IllegalArgumentException(
          "tolerance: expected a number from "
              + LEAST_TOLERANCE
              + " to "
              + LARGEST_TOLERANCE
              + (dynamics instanceof IntegrateAndFire
                  ? ", or 0 for the closed form"
                  : ", since " + dynamics.name() + " has no closed form")
              + ", got "
              + tolerance
              + ".");
    }
  }
}
