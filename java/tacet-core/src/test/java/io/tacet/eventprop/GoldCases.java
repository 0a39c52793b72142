package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Cases whose times and gradients are known to more digits than float64 holds, from 40-digit
 * arithmetic and closed forms, for any backend and precision.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GoldCases {
  /** Tolerances of float64: times in ms and gradients relative to max(1, |gradient|). */
  protected static final Tolerance DOUBLE = new Tolerance(DType.FLOAT64, 1e-12, 1e-10);

  /** Tolerances of float32. */
  protected static final Tolerance SINGLE = new Tolerance(DType.FLOAT32, 2e-5, 1e-4);

  private final Tolerance tolerance;
  private Backend backend;

  /**
   * How far results may be from the truth.
   *
   * @param type precision of the pass
   * @param time of spikes, in ms
   * @param gradient relative to max(1, |gradient|)
   */
  protected record Tolerance(DType type, double time, double gradient) {}

  protected GoldCases(Tolerance tolerance) {
    this.tolerance = tolerance;
  }

  /** The backend under test; closed after the cases. */
  protected abstract Backend open();

  @BeforeAll
  void openBackend() {
    backend = open();
  }

  @AfterAll
  void closeBackend() {
    if (backend != null) {
      backend.close();
    }
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private Offset<Double> gradient(double expected) {
    return within(tolerance.gradient() * Math.max(1, Math.abs(expected)));
  }

  private void time(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(tolerance.time()));
  }

  private static Net one(double weight, double time) {
    Net net = new Net(1, 1);
    net.inputWeights[0] = weight;
    net.inputTimes = new double[][] {{time}};
    net.inputUnits = new int[][] {{0}};
    return net;
  }

  private Net.Result run(Net net, Net.TimeLoss loss) {
    return net.run(backend, tolerance.type(), true, loss);
  }

  private static Net.TimeLoss spike(int which) {
    return (k, n) -> k == which ? 1 : 0;
  }

  private void close(double[] actual, double... expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k]).as("element %d", k).isCloseTo(expected[k], gradient(expected[k]));
    }
  }

  @Test
  void g1SmallestWeightThatMakesOneInputSpike() {
    double margin = tolerance.time();
    assertThat(run(one(6.349604207872798 * (1 - margin), 2), spike(0)).times()).isEmpty();
    double[] atPeak = run(one(6.349604207872798 * (1 + margin), 2), spike(0)).times();
    assertThat(atPeak).hasSize(1);
    // Near its maximum V is a parabola, 1 + margin - (t - t_peak)^2 / (2 tau_m tau_s).
    assertThat(atPeak[0] - 2)
        .isCloseTo(9.241962407465937, within(2 * Math.sqrt(2 * 20 * 5 * margin)));
    Net slower = one(4.0 * (1 - margin), 2);
    slower.tauSyn = new double[] {10};
    assertThat(run(slower, spike(0)).times()).isEmpty();
    slower.inputWeights[0] = 4.0 * (1 + margin);
    assertThat(run(slower, spike(0)).times()).hasSize(1);
  }

  @Test
  void g2OneNeuronOneInput() {
    Net.Result r = run(one(8, 2), spike(0));
    time(r.times()[0], 6.116608628585579);
    time(r.slopes()[0] + 1, 3.511768707963261);
    close(r.inputWeights(), -0.9953145733817171);
    close(r.threshold(), 7.962516587053737);
    close(r.inputErrors(), 1);
    r = run(one(10, 2), spike(0));
    time(r.times()[0], 4.826251755458310);
    time(r.slopes()[0] + 1, 5.682178749840325);
    close(r.inputWeights(), -0.4271515691425077);
    close(r.threshold(), 4.271515691425077);
    close(r.tauMem(), 0.197422254432840513);
    close(r.tauSyn(), -0.224438666639699979);
    close(r.inputErrors(), 1);
  }

  @Test
  void g3FourSpikesOfOneInput() {
    Net.Result r = run(one(20, 2), spike(0));
    assertThat(r.times()).hasSize(4);
    double[] times = {3.153687643693523, 4.673430329083961, 6.924246994569616, 11.667804409825255};
    for (int k = 0; k < 4; k++) {
      time(r.times()[k], times[k]);
    }
    close(r.inputWeights(), -0.06720901409137081);
    r = run(one(20, 2), spike(1));
    close(r.inputWeights(), -0.1856030166147391741);
    close(r.threshold(), 3.712060332294783);
    close(r.reset(), -1.729630735296243720);
    close(r.tauMem(), 0.1791845972378329149);
    close(r.tauSyn(), -0.1820523231345394311);
    close(r.inputErrors(), 1);
  }

  @Test
  void g4EqualTimeConstants() {
    Net net = one(6, 2);
    net.tauMem = new double[] {5};
    Net.Result r = run(net, spike(0));
    assertThat(r.times()).hasSize(3);
    double[] times = {3.022407246699578, 4.357823681710841, 6.344880450645923};
    for (int k = 0; k < 3; k++) {
      time(r.times()[k], times[k]);
    }
    close(r.inputWeights(), -0.2142014257767740);
    assertThat(r.threshold()[0])
        .isCloseTo(1.28520855, within(Math.max(1e-8, tolerance.gradient())));
  }

  @Test
  void g5TwoInputs() {
    Net net = new Net(2, 1);
    net.inputWeights = new double[] {4, 5};
    net.inputTimes = new double[][] {{1, 3}};
    net.inputUnits = new int[][] {{0, 1}};
    Net.Result r = run(net, spike(0));
    time(r.times()[0], 5.596388906824307);
    close(r.inputWeights(), -0.73925774537879, -0.52904881364206);
    close(r.inputErrors(), 0.29899371053, 0.70100628947);
  }

  @Test
  void g6ChainOfTwoNeurons() {
    Net net = chain();
    Net.Result r = run(net, (k, n) -> n == 1 ? 1 : 0);
    time(r.times()[0], 4.826251755458312);
    time(r.times()[1], 8.16404024413012);
    assertThat(r.inputWeights()[0]).isCloseTo(-0.42715156914251, gradient(0));
    close(r.recurrentWeights(), -0.61444408060358);
    net.recurrentDelays = new double[] {0, 1.5, 0, 0};
    r = run(net, (k, n) -> n == 1 ? 1 : 0);
    time(r.times()[1], 9.66404024413012);
    close(r.recurrentDelays(), 1);
  }

  private static Net chain() {
    Net net = new Net(1, 2);
    net.inputWeights = new double[] {10, 0};
    net.inputTimes = new double[][] {{2}};
    net.inputUnits = new int[][] {{0}};
    net.recurrentWeights = new double[] {Double.NaN, 9, Double.NaN, Double.NaN};
    return net;
  }

  @Test
  void g7RecurrentPair() {
    Net net = new Net(1, 2);
    net.duration = 60;
    net.inputWeights = new double[] {10, 7};
    net.inputTimes = new double[][] {{2, 20}};
    net.inputUnits = new int[][] {{0, 0}};
    net.recurrentWeights = new double[] {Double.NaN, 5, -3, Double.NaN};
    net.recurrentDelays = new double[] {0, 1, 1, 0};
    Net.Result r = run(net, (k, n) -> 1);
    assertThat(r.units()).containsExactly(0, 1, 1, 1);
    double[] times = {4.826251755458312, 6.280978298877973, 10.929635000868744, 21.955227042977555};
    for (int k = 0; k < 4; k++) {
      time(r.times()[k], times[k]);
    }
    close(r.inputWeights(), -1.10849165870705, -3.38549558938891);
    assertThat(r.recurrentWeights()[0]).isCloseTo(-2.36781279989284, gradient(2));
    assertThat(r.recurrentDelays()[0]).isCloseTo(1.59507804438671, gradient(1));
    assertThat(r.threshold()[0]).isCloseTo(11.08491658707053 + 35.53753312518657, gradient(46));
    close(r.inputErrors(), 2.9669788631749343, 1.0330211368250664);
    net.threshold = new double[] {1, 1};
    close(run(net, (k, n) -> 1).threshold(), 11.08491658707053, 35.53753312518657);
  }

  @Test
  void g8ClosedForms() {
    // Weights carry the leak conductance: a weight of the source is 1/g_l in these units.
    Net net = new Net(2, 1);
    net.tauMem = new double[] {2};
    net.tauSyn = new double[] {1};
    net.inputTimes = new double[][] {{0, 0.5}};
    net.inputUnits = new int[][] {{0, 1}};
    net.inputWeights = new double[] {4, 3};
    Net.Result r = run(net, spike(0));
    time(r.times()[0], 0.6483484196360014);
    close(r.inputWeights(), -0.2177423683024874 / 2, -0.07219006116401627 / 2);
    close(r.inputErrors(), .3509415685845953, .6490584314154047);
    net.tauMem = new double[] {1};
    net.inputWeights = new double[] {2, 1.5};
    r = run(net, spike(0));
    time(r.times()[0], 0.7494609048455522);
    close(r.inputWeights(), -0.317942321836907, -0.1744813820506155);
  }

  @Test
  void g10BiasOnly() {
    Net net = new Net(1, 1);
    net.bias = new double[] {2};
    net.duration = 20;
    Net.Result r = run(net, spike(0));
    assertThat(r.times()).hasSize(1);
    time(r.times()[0], 20 * Math.log(2));
    close(r.bias(), -10);
    close(r.tauMem(), Math.log(2));
    close(r.threshold(), 20);
  }
}
