package io.tacet.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@link DeviceKernels} measures, most important first, since a run may have time for only
 * part of it: first one shape of each family at a size that fills a GPU, then layers that are
 * compared with peers, then other batches, activities and sizes.
 */
final class KernelPlan {
  /** Steps of a sequence where only the time of a step matters. */
  private static final int STEPS = 64;

  /** As used by the peers. */
  private static final int LONG = 256;

  private static final double THRESHOLD = 0.3;

  /** A higher threshold, for lower activity. */
  private static final double HIGH_THRESHOLD = 0.6;

  /** Of sparse recurrent weights. */
  private static final double DENSITY = 0.05;

  private final KernelSizes sizes;
  private final List<KernelShape> shapes = new ArrayList<>();

  private KernelPlan(KernelSizes sizes) {
    this.sizes = sizes;
  }

  static List<KernelShape> of(KernelSizes sizes) {
    KernelPlan plan = new KernelPlan(sizes);
    plan.first();
    plan.asPeers();
    plan.batches();
    plan.rest();
    return List.copyOf(plan.shapes);
  }

  /** One shape of each family, as small as possible, to show every kernel to a profiler. */
  static List<KernelShape> forProfiler(KernelSizes sizes) {
    KernelPlan plan = new KernelPlan(sizes);
    plan.forward(65536, 100, 1, 0.05);
    plan.backward(65536, 100, 1, 0.05);
    plan.egru(512, 8, THRESHOLD);
    plan.egru(2048, 1, THRESHOLD);
    plan.egruStep(2048, 1);
    plan.sparseEgru(2048, 1);
    plan.sparseEgru(2048, 64);
    plan.sparseRnn(2048, 8);
    plan.product(2048, 1024);
    plan.eventProp(Workload.YIN_YANG, "exact", 0, 256);
    plan.eventProp(Workload.RECURRENT, "exact", 0, 32);
    plan.eventProp(Workload.RECURRENT, "grid", 0, 32);
    plan.eventProp(Workload.ALIF, "grid", 0, 32);
    plan.compaction(65536, 64);
    plan.shapes.add(PlainShapes.adam(sizes.elements(1 << 22)));
    return List.copyOf(plan.shapes);
  }

  private void first() {
    forward(65536, 100, 1, 0.05);
    egru(512, 8, THRESHOLD);
    egru(2048, 1, THRESHOLD);
    sparseEgru(2048, 8);
    forward(131072, 1000, 1, 0.02);
    product(2048, 16384);
    eventProp(Workload.YIN_YANG, "exact", 0, 256);
    backward(65536, 100, 1, 0.05);
    eventProp(Workload.RECURRENT, "grid", 0, 256);
    compaction(65536, 64);
    shapes.add(PlainShapes.adam(sizes.elements(1 << 22)));
  }

  /** Shapes of bench/peers. */
  private void asPeers() {
    for (int batch : new int[] {1, 64}) {
      for (int units : new int[] {512, 2048}) {
        shapes.add(
            EgruShapes.layer(sizes.units(units), sizes.batch(batch), sizes.steps(LONG), THRESHOLD));
      }
    }
    for (double activity : new double[] {0.05, 0.2, 0.01}) {
      int n = sizes.units(16384);
      shapes.add(PropagationShapes.forward(n, 0.01, 1, activity));
    }
  }

  private void batches() {
    forward(131072, 1000, 32, 0.02);
    egru(512, 64, THRESHOLD);
    egru(4096, 1, THRESHOLD);
    egruStep(4096, 1);
    egru(1024, 8, THRESHOLD);
    egru(2048, 64, THRESHOLD);
    forward(65536, 100, 32, 0.05);
    backward(131072, 1000, 1, 0.02);
    forward(131072, 1000, 256, 0.01);
    eventProp(Workload.RECURRENT, "exact", 0, 256);
    egru(512, 1, THRESHOLD);
    backward(65536, 100, 32, 0.05);
    sparseEgru(2048, 1);
    sparseEgru(2048, 64);
    sparseRnn(2048, 8);
    product(2048, 64);
    forward(16384, 1000, 32, 0.05);
    egru(4096, 1, HIGH_THRESHOLD);
    eventProp(Workload.YIN_YANG, "exact", 1000, 1024);
    backward(131072, 1000, 32, 0.02);
  }

  private void rest() {
    egru(1024, 64, THRESHOLD);
    egru(4096, 64, THRESHOLD);
    forward(16384, 100, 1, 0.05);
    forward(16384, 1000, 1, 0.05);
    forward(131072, 100, 1, 0.05);
    eventProp(Workload.YIN_YANG, "grid", 0, 256);
    egru(512, 32, THRESHOLD);
    egru(1024, 1, THRESHOLD);
    forward(65536, 1000, 1, 0.02);
    forward(65536, 100, 1, 0.2);
    forward(65536, 100, 1, 0.01);
    forward(131072, 1000, 1, 0.1);
    forward(65536, 100, 256, 0.02);
    forward(16384, 1000, 256, 0.05);
    backward(16384, 1000, 32, 0.05);
    egru(1024, 32, THRESHOLD);
    egru(2048, 8, THRESHOLD);
    egru(2048, 32, THRESHOLD);
    egru(4096, 8, THRESHOLD);
    egruStep(4096, 8);
    egruStep(8192, 1);
    egru(4096, 32, THRESHOLD);
    egru(2048, 1, HIGH_THRESHOLD);
    sparseEgru(4096, 8);
    sparseRnn(2048, 64);
    product(512, 16384);
    product(4096, 64);
    product(4096, 4096);
    compaction(65536, 1);
    compaction(131072, 256);
    shapes.add(PlainShapes.adam(sizes.elements(1 << 24)));
    shapes.add(PlainShapes.adam(sizes.elements(1 << 18)));
    eventProp(Workload.YIN_YANG, "exact", 0, 32);
    eventProp(Workload.RECURRENT, "exact", 0, 32);
    eventProp(Workload.RECURRENT, "grid", 0, 32);
    eventProp(Workload.ALIF, "grid", 0, 32);
  }

  private void forward(int n, int fanOut, int batch, double activity) {
    int units = sizes.units(n);
    double density = (double) sizes.fanOut(fanOut, units) / units;
    shapes.add(PropagationShapes.forward(units, density, sizes.batch(batch), activity));
  }

  private void backward(int n, int fanOut, int batch, double activity) {
    int units = sizes.units(n);
    double density = (double) sizes.fanOut(fanOut, units) / units;
    shapes.add(PropagationShapes.backward(units, density, sizes.batch(batch), activity));
  }

  private void egru(int units, int batch, double threshold) {
    shapes.add(
        EgruShapes.recurrent(
            sizes.units(units), sizes.batch(batch), sizes.steps(STEPS), threshold));
  }

  private void egruStep(int units, int batch) {
    shapes.add(
        EgruShapes.step(
            sizes.units(units), sizes.batch(batch), sizes.steps(STEPS), HIGH_THRESHOLD));
  }

  /** With a twentieth of all synapses. */
  private void sparseEgru(int units, int batch) {
    shapes.add(
        SparseShapes.egru(
            sizes.units(units), DENSITY, sizes.batch(batch), sizes.steps(STEPS), THRESHOLD));
  }

  private void sparseRnn(int units, int batch) {
    shapes.add(
        SparseShapes.rnn(sizes.units(units), DENSITY, sizes.batch(batch), sizes.steps(STEPS)));
  }

  private void product(int n, int batch) {
    shapes.add(PlainShapes.product(sizes.units(n), sizes.batch(batch)));
  }

  private void compaction(int n, int batch) {
    shapes.add(PlainShapes.compaction(sizes.units(n), sizes.batch(batch), 0.05));
  }

  private void eventProp(Workload workload, String simulator, int hidden, int batch) {
    int units = hidden == 0 || sizes.whole() ? hidden : sizes.units(hidden);
    shapes.add(EventPropShapes.of(workload, simulator, units, sizes.batch(batch)));
  }
}
