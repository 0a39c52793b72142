package io.tacet.systems.dentate;

import java.util.EnumMap;
import java.util.Map;

/**
 * The circuits that are compared, and the mean weights of their pathways in the order of {@link
 * Pathway}, 0 where there is none: the configurations that the authors fitted.
 */
public enum Model {
  UNIFORM("0", .1135254, 0, 0, 0, 0, 0, 0, 0, 0),
  LOG_NORMAL("1", .06807313, 0, 0, 0, 0, 0, 0, 0, 0),
  FEEDFORWARD("2", .1905018, .9996123, 0, 0, .1336012, 0, 0, 0, 0),
  /** Fitted without the term for selectivity. */
  NOT_SELECTIVE("2ns", .1026603, .7684236, 0, 0, .2319305, 0, 0, 0, 0),
  FEEDBACK("3", .07022656, 0, .01003959, 0, 0, 0, 0, .9963785, 0),
  BOTH("4", .07753736, .01259264, .01006211, 0, .9183691, 0, 0, .9920389, 0),
  /** Feedforward inhibition, and feedback inhibition by way of mossy cells. */
  INDIRECT("5", .3891419, .3011067, .9994808, 0, .1640408, .0167715, .7891835, 0, .8583403),
  /** Fitted again without synapses between mossy cells. */
  REFITTED("5c", .07633194, .01096557, .01110981, 0, .9754463, .9216419, 0, 0, .9366049),
  /** With synapses from mossy to granule cells. */
  DIRECT("6", .2090454, .01106076, .9983056, .04237103, .4825204, .01589863, .9333823, 0, .7726987);

  private final String label;

  @SuppressWarnings("ImmutableEnumChecker") // only the constructor changes it
  private final Map<Pathway, Double> means = new EnumMap<>(Pathway.class);

  Model(String label, double... means) {
    this.label = label;
    for (Pathway pathway : Pathway.values()) {
      if (means[pathway.number()] > 0) {
        this.means.put(pathway, means[pathway.number()]);
      }
    }
  }

  /** The number of the model, as in its source. */
  public String label() {
    return label;
  }

  /** Mean weights of the pathways that it has. */
  public Map<Pathway, Double> means() {
    return Map.copyOf(means);
  }

  /** Whether weights of a pathway are drawn from a log-normal distribution. */
  boolean logNormal(Pathway pathway) {
    return pathway.logNormal() && !(this == UNIFORM && pathway == Pathway.INPUT_OUTPUT);
  }
}
