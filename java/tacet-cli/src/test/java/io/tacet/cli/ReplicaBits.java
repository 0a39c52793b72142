package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.network.Network;
import io.tacet.training.Replicas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Trainings of replicas against the same trainings alone, to the last bit. */
final class ReplicaBits {
  private ReplicaBits() {}

  /** All that a training has made: its loss and the parameters of its network. */
  static double[] of(double loss, Network network) {
    List<Double> all = new ArrayList<>(List.of(loss));
    network.parameters().forEach(p -> Arrays.stream(p.value().toDoubles()).forEach(all::add));
    return all.stream().mapToDouble(x -> x).toArray();
  }

  /** Checks that replicas on host give what each gives alone, and not the same as one another. */
  static void areThoseOfEachAlone(int replicas, Replicas.Work<double[]> train) throws Exception {
    NativeTrainingTest.open("host").close();
    List<double[]> together = Replicas.each("host", replicas, train);
    assertThat(together.get(1)).isNotEqualTo(together.get(0));
    try (Backend host = NativeTrainingTest.open("host")) {
      for (int seed = 0; seed < together.size(); seed++) {
        assertThat(together.get(seed)).isEqualTo(train.on(host, seed));
      }
    }
  }
}
