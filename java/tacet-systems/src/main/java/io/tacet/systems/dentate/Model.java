package io.tacet.systems.dentate;

import java.util.EnumMap;
import java.util.Map;

/**
 * The circuits that are compared: mean weights of the authors' configurations, and what their log
 * says of the networks of seeds 1234 to 1238.
 */
public enum Model {
  //                          Out<-In    Out<-FF   Out<-FBI  Out<-MC    FF<-In    MC<-Out    MC<-MC
  //   FBI<-Out  FBI<-MC
  UNIFORM("0", 104.303, .7462, .1135254, 0, 0, 0, 0, 0, 0, 0, 0),
  LOG_NORMAL("1", 56.306, .5517, .06807313, 0, 0, 0, 0, 0, 0, 0, 0),
  FEEDFORWARD("2", 49.558, .5753, .1905018, .9996123, 0, 0, .1336012, 0, 0, 0, 0),
  /** Fitted without the term for selectivity. */
  NOT_SELECTIVE("2ns", 5.392, .4094, .1026603, .7684236, 0, 0, .2319305, 0, 0, 0, 0),
  FEEDBACK("3", 51.786, .5429, .07022656, 0, .01003959, 0, 0, 0, 0, .9963785, 0),
  BOTH("4", 51.891, .5453, .07753736, .01259264, .01006211, 0, .9183691, 0, 0, .9920389, 0),
  /** Feedforward inhibition, and feedback inhibition by way of mossy cells. */
  INDIRECT(
      "5", 20.244, .4536, .3891419, .3011067, .9994808, 0, .1640408, .0167715, .7891835, 0,
      .8583403),
  /** Fitted again without synapses between mossy cells. */
  NOT_RECURRENT(
      "5c",
      Double.NaN,
      Double.NaN,
      .07633194,
      .01096557,
      .01110981,
      0,
      .9754463,
      .9216419,
      0,
      0,
      .9366049),
  /** With synapses from mossy to granule cells. */
  DIRECT(
      "6", 22.377, .3753, .2090454, .01106076, .9983056, .04237103, .4825204, .01589863, .9333823,
      0, .7726987);

  private final String label;
  private final double sparsity;
  private final double similarity;
  private final Map<Pathway, Double> means = new EnumMap<>(Pathway.class);

  Model(String label, double sparsity, double similarity, double... means) {
    this.label = label;
    this.sparsity = sparsity;
    this.similarity = similarity;
    for (Pathway pathway : Pathway.values()) {
      if (means[pathway.ordinal()] > 0) {
        this.means.put(pathway, means[pathway.ordinal()]);
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

  /** Mean number of active granule cells in the authors' log; NaN where there is none. */
  double publishedSparsity() {
    return sparsity;
  }

  /** Mean similarity of patterns in the authors' log; NaN where there is none. */
  double publishedSimilarity() {
    return similarity;
  }
}
