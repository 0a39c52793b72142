package io.tacet.reference.f64;

/**
 * Mean membrane potentials of the neurons of a sample, and their derivatives where all events stay
 * at their times: along the queues of {@link VariantAdjoint}, with a drive between events and, in
 * place of its jump, only what is left of it at a spike that does not move with the state,
 *
 * <pre>lambda(-) = h_x^T lambda,
 * dL/dt of the spike += lambda^T (h_x f(x) - f(x')) + c (V(-) - V(+))</pre>
 *
 * with c = dL/d(integral of V). The adjoint of the spikes then does the rest; see {@link
 * io.tacet.eventprop.MeanPotentials}.
 */
final class PotentialAdjoint extends VariantAdjoint {
  /** dL/d(integral of V) of each neuron. */
  private double[] drives = new double[0];

  /**
   * Writes the means of a sample to {@code means[at ..]}.
   *
   * @param none gradients of which none is wanted
   */
  void forward(
      VariantLayer layer,
      Events in,
      Events out,
      int sample,
      Gradients none,
      Queue[] inputQueues,
      double[] means) {
    enter(layer, in, out, sample, none, inputQueues);
    int neurons = layer.base.neurons;
    for (int m = 0; m < neurons; m++) {
      recordStates(m);
      means[sample * neurons + m] = integral(m) / layer.base.duration;
    }
  }

  private double integral(int m) {
    Queue queue = queues[m];
    double sum = 0;
    double from = 0;
    for (int k = -1; k < queue.size; k++) {
      double to = k + 1 < queue.size ? queue.times[k + 1] : layer.base.duration;
      last[m] = k;
      double held = Math.max(0, Math.min(to, loadEntry(m)) - from);
      sum += x[VariantNeuron.V] * held;
      neuron.rest(x, held);
      if (to - from > held) {
        sum += VariantIntegral.of(neuron, x, to - from - held);
      }
      from = to;
    }
    return sum;
  }

  /**
   * Adds the derivatives of a sample.
   *
   * @param errors dL/dmean, [batch][neurons]
   */
  void derive(
      VariantLayer layer,
      Events in,
      Events out,
      int sample,
      Gradients grads,
      double[] errors,
      Queue[] inputQueues) {
    int neurons = layer.base.neurons;
    if (drives.length < neurons) {
      drives = new double[neurons];
    }
    for (int m = 0; m < neurons; m++) {
      drives[m] = errors[sample * neurons + m] / layer.base.duration;
    }
    backward(layer, in, out, sample, grads, null, inputQueues);
  }

  @Override
  void jump(int m, int k, int at) {
    double[] own = lambda[m];
    double v = own[VariantNeuron.V];
    boolean soft = layer.reset == null;
    double after = x[VariantNeuron.V];
    double time = out.times[at];
    double rise = layer.freeFrom(m, time) > time ? 0 : neuron.rise(x, after);
    double error = spikeErrors[k] - ends[m] - v * rise;
    if (layer.refractory != null) {
      // Of a period that rounds to none; else the end has been passed and this is 0.
      sums[m][VariantNeuron.REFRACTORY] -= v * rise;
    }
    double above = x[VariantNeuron.A];
    if (layer.thresholdJump != null) {
      double jump = layer.thresholdJump[m];
      error += own[VariantNeuron.A] * neuron.rates[VariantNeuron.A] * jump;
      sums[m][VariantNeuron.THRESHOLD_JUMP] += own[VariantNeuron.A];
      above -= jump;
    }
    double before = neuron.theta + above;
    double riseBefore = neuron.rise(x, before);
    if (layer.adaptationJump != null) {
      double jump = layer.adaptationJump[m];
      error += own[VariantNeuron.W] * neuron.rates[VariantNeuron.W] * jump;
      sums[m][VariantNeuron.ADAPTATION_JUMP] += own[VariantNeuron.W];
      riseBefore -= neuron.couplings[VariantNeuron.W] * jump;
    }
    error += drives[m] * (before - after);
    if (soft) {
      error += v * riseBefore;
      sums[m][VariantNeuron.THRESHOLD] -= v;
    } else {
      sums[m][VariantNeuron.RESET] += v;
      own[VariantNeuron.V] = 0;
    }
    if (out.errors != null) {
      out.errors[at] += error;
    }
  }

  @Override
  void move(int m, double d) {
    VariantIntegral.retreat(neuron, x, d, drives[m], lambda[m], sums[m]);
  }

  @Override
  void rest(int m, double d) {
    super.rest(m, d);
    lambda[m][VariantNeuron.V] += drives[m] * d;
  }
}
