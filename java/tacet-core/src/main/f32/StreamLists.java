package io.tacet.reference.f32;

/**
 * What takes part in a step of some samples.
 *
 * @param inputs that are not zero
 * @param sent by the units in the step before
 * @param gated what was sent, times the reset gates of the paper's variant
 */
record StreamLists(StreamEvents inputs, StreamEvents sent, StreamEvents gated) {
  /**
   * @param samples at a time
   */
  StreamLists(int samples, int inputs, int units) {
    this(
        new StreamEvents(samples, inputs),
        new StreamEvents(samples, units),
        new StreamEvents(samples, units));
  }

  int samples() {
    return sent.counts.length;
  }

  /**
   * Lists x and y from this sample on.
   *
   * @param x [batch][inputs]
   * @param y [batch][units]
   */
  void list(int sample, float[] x, float[] y) {
    for (int s = 0; s < samples(); s++) {
      inputs.list(s, x, (sample + s) * inputs.size());
      sent.list(s, y, (sample + s) * sent.size());
    }
  }

  /**
   * @param resets [samples][units]
   */
  void gate(float[] resets) {
    for (int s = 0; s < samples(); s++) {
      gated.gate(s, sent, resets, s * sent.size());
    }
  }
}
