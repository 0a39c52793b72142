package io.tacet.bench;

import io.tacet.bench.KernelShape.Case;
import io.tacet.bench.KernelShape.Room;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * EventProp over the networks of {@link EventPropBenchmark}, exact and on a grid; {@value #TURNS}
 * batches are cycled through. The exact simulator reads the spike counts from the device, so event
 * times include these waits.
 */
final class EventPropShapes {
  private static final int TURNS = 4;

  /** Samples that are compared with the reference, which processes them sequentially. */
  private static final int COMPARED = 32;

  private final Room room;
  private final Workload workload;
  private final String simulator;
  private final int hidden;
  private final int batch;
  private final Network network;
  private final Pass[] passes = new Pass[TURNS];
  private int turn;

  private EventPropShapes(Room room, Workload workload, String simulator, int hidden, int batch) {
    this.room = room;
    this.workload = workload;
    this.simulator = simulator;
    this.hidden = hidden;
    this.batch = batch;
    network = room.own(workload.network(room.backend, DType.FLOAT32, simulator(), hidden));
    SpikeDataset data = workload.data(batch * TURNS);
    for (int t = 0; t < TURNS; t++) {
      passes[t] =
          room.own(EventPropBenchmark.load(network, data.slice(batch * t, batch * (t + 1))));
      EventPropBenchmark.forwardAndBack(passes[t]);
    }
  }

  /**
   * Forward, backward and a training step.
   *
   * @param simulator exact or grid
   * @param hidden 0 for the network's own number
   */
  static KernelShape of(Workload workload, String simulator, int hidden, int batch) {
    return new KernelShape(
        "EventProp "
            + workload.name().toLowerCase(Locale.ROOT)
            + " "
            + simulator
            + " hidden "
            + workload.hidden(hidden)
            + " batch "
            + batch,
        List.of("eventPropForward", "eventPropBackward", "eventPropStep"),
        room -> new EventPropShapes(room, workload, simulator, hidden, batch).cases());
  }

  private Simulator simulator() {
    return simulator.equals("grid")
        ? Simulator.grid(EventPropBenchmark.GRID_MS)
        : Simulator.exact();
  }

  private List<Case> cases() {
    Optimizer optimizer = room.own(Adam.rate(EventPropBenchmark.RATE).create(network.parameters()));
    return List.of(
        of("eventPropForward", Pass::forward, this::compare),
        of("eventPropBackward", Pass::backward, () -> {}),
        of(
            "eventPropStep",
            pass -> {
              EventPropBenchmark.forwardAndBack(pass);
              optimizer.step(1);
            },
            () -> {}));
  }

  private Case of(String method, Consumer<Pass> call, Runnable check) {
    Map<String, String> params =
        KernelShape.params(
            "network",
            workload.name().toLowerCase(Locale.ROOT).replace('_', '-'),
            "simulator",
            simulator,
            "hidden",
            hidden,
            "batch",
            batch,
            "precision",
            "float32");
    return Case.of(
        method,
        params,
        Map.of("hiddenSpikes", spikes(0), "outputSpikes", spikes(1)),
        "",
        () -> {
          turn = (turn + 1) % TURNS;
          call.accept(passes[turn]);
        },
        check);
  }

  private double spikes(int layer) {
    double sum = 0;
    for (Pass pass : passes) {
      sum += Agreement.spikesPerSample(pass, layer) / TURNS;
    }
    return sum;
  }

  private void compare() {
    SpikeDataset few = workload.data(Math.min(batch, COMPARED));
    try (Pass pass = EventPropBenchmark.load(network, few)) {
      EventPropBenchmark.forwardAndBack(pass);
      EventPropBenchmark.compare(workload, simulator(), hidden, pass, few);
    }
  }
}
