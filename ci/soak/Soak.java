import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.cuda.HostFaults;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains, saves, loads and predicts for some minutes and watches memory; see ci/soak.sh. */
final class Soak {
  private static final double MOST_GROWTH = 1.1;
  private static final long ALWAYS_ALLOWED = 32L << 20;
  private static final SpikeDataset DATA = YinYang.train().slice(0, 64);

  private Soak() {}

  public static void main(String[] arguments) throws IOException {
    String name = arguments[0];
    long minute = 60_000_000_000L;
    long began = System.nanoTime();
    long length = Long.parseLong(arguments[1]) * minute;
    long next = began + Math.min(minute, length / 5);
    long resident = 0;
    long heap = 0;
    int rounds = 0;
    while (System.nanoTime() - began < length) {
      try (Backend backend = Backends.open(name)) {
        round(backend, rounds++, Path.of(arguments[2]));
      }
      if (Leaks.open() != 0 || Leaks.collected() != 0) {
        throw new IllegalStateException(name + ": an array was left open in round " + rounds);
      }
      if (name.equals("host") && HostFaults.openResources() != 0) {
        throw new IllegalStateException(name + ": native memory was left open in round " + rounds);
      }
      if (System.nanoTime() >= next) {
        System.gc();
        Runtime jvm = Runtime.getRuntime();
        long used = jvm.totalMemory() - jvm.freeMemory();
        long now = resident();
        System.out.printf(
            "%s: %d rounds in %d s, resident %.1f MB, heap %.1f MB%n",
            name, rounds, (System.nanoTime() - began) / 1_000_000_000, now / 1e6, used / 1e6);
        boolean warm = System.nanoTime() - began >= length / 5;
        if (warm && resident == 0) {
          resident = now;
          heap = used;
        } else if (warm) {
          require(name + ": resident memory", resident, now);
          require(name + ": heap", heap, used);
        }
        next += Math.min(minute, length / 5);
      }
    }
    System.out.println(name + ": flat over " + rounds + " rounds");
  }

  private static void require(String what, long before, long now) {
    if (now > before * MOST_GROWTH && now > before + ALWAYS_ALLOWED) {
      throw new IllegalStateException(
          what + " grew from " + before / 1000 + " to " + now / 1000 + " kB");
    }
  }

  private static void round(Backend backend, int round, Path file) throws IOException {
    try (Network network = round % 2 == 0 ? recurrent(backend, round) : spiking(backend, round)) {
      Training.of(network).epochs(1).batch(16).checkpoint(file).run(DATA, DATA);
      network.save(file);
    }
    try (Network network = Network.load(backend, file)) {
      if (network.predict(DATA).classes().length != DATA.size()) {
        throw new IllegalStateException("expected a class for each sample");
      }
    }
  }

  private static Network recurrent(Backend backend, int seed) {
    return Network.on(backend)
        .duration(40)
        .spikes(YinYang.SOURCES)
        .bin(8)
        .egru(16, Egru.defaults(), Connection.dense(), Connection.sparse(0.5))
        .readout(YinYang.CLASSES)
        .build(seed);
  }

  private static Network spiking(Backend backend, int seed) {
    return Network.on(backend)
        .spikes(YinYang.SOURCES)
        .duration(40)
        .lif(16, Lif.tau(20, 5), Weights.normal(1.5, 0.78))
        .readout(YinYang.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MAX)
        .build(seed);
  }

  /** Bytes of this process in memory. */
  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IllegalStateException("expected VmRSS in /proc/self/status");
  }
}
