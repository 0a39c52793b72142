package app;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.YinYang;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;

/**
 * Trains a small spiking network. Arguments: the backend, the number of samples, and the least
 * accuracy.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    int samples = Integer.parseInt(args[1]);
    double least = Double.parseDouble(args[2]);
    Lif lif = Lif.tau(20, 5);
    try (Backend backend = Backends.open(args[0]);
        Network network =
            Network.on(backend)
                .spikes(YinYang.SOURCES)
                .lif(50, lif, Weights.normal(1.5, 0.78))
                .lif(YinYang.CLASSES, lif, Weights.normal(0.93, 0.1))
                .build(0)) {
      double accuracy =
          Training.of(network)
              .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
              .optimizer(Adam.rate(5e-3))
              .batch(32)
              .run(YinYang.train().slice(0, samples), YinYang.test().slice(0, samples / 8))
              .testAccuracy();
      if (!(accuracy >= least)) {
        throw new AssertionError("test accuracy " + accuracy + ", expected " + least);
      }
      System.out.printf(
          "%s, %s: test accuracy %.1f %%%n",
          Main.class.getModule().isNamed() ? "module path" : "class path",
          backend.name(),
          100 * accuracy);
    }
  }
}
