package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.SequenceData;
import io.tacet.dense.Activation;
import io.tacet.network.Network;
import io.tacet.reference.JavaBackend;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Samples that belong together stay neighbours. */
class GroupedSamplesTest {

  /** Each sample is its number; every three belong together. */
  private record Threes(int size) implements SequenceData {
    @Override
    public String name() {
      return "threes";
    }

    @Override
    public int steps() {
      return 1;
    }

    @Override
    public int channels() {
      return 1;
    }

    @Override
    public int classes() {
      return 2;
    }

    @Override
    public int label(int sample) {
      return sample % 2;
    }

    @Override
    public void fill(int sample, float[] into, int batch, int place) {
      into[place] = sample;
    }

    @Override
    public int group() {
      return 3;
    }
  }

  private static Network network(Backend backend) {
    return Network.on(backend).sequence(1).dense(2, Activation.TANH).readout(2).build(1);
  }

  /** Collects the samples of all passes, and looks at their neighbours. */
  private static Loss watching(Set<Integer> seen, Set<Integer> firsts) {
    CrossEntropy loss = new CrossEntropy();
    return pass -> {
      double[] samples = pass.inputSteps().toDoubles();
      for (int k = 0; k < samples.length; k++) {
        int first = (int) samples[k / 3 * 3];
        assertThat((int) samples[k]).isEqualTo(first + k % 3);
        assertThat(first % 3).isZero();
        seen.add((int) samples[k]);
      }
      firsts.add((int) samples[0]);
      loss.evaluate(pass);
    };
  }

  @Test
  void inEveryBatchAndOnEveryDevice() throws IOException {
    for (boolean devices : new boolean[] {false, true}) {
      Set<Integer> seen = Collections.synchronizedSet(new HashSet<>());
      Set<Integer> firsts = Collections.synchronizedSet(new HashSet<>());
      try (Backend java = Backends.open("java");
          Backend second = new JavaBackend(1);
          Network network = network(java)) {
        Training training =
            Training.of(network).loss(watching(seen, firsts)).epochs(4).batch(9).seed(2);
        if (devices) {
          training.devices(second);
        }
        training.run(new Threes(24), null);
      }
      assertThat(seen).hasSize(24);
      assertThat(firsts).hasSizeGreaterThan(3);
    }
  }

  @Test
  void batchesThatWouldPartThemAreRefused() {
    try (Backend java = Backends.open("java");
        Network network = network(java)) {
      assertThatThrownBy(() -> Training.of(network).batch(8).run(new Threes(24), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("batch: expected a multiple of 3", "batches of 8");
      assertThatThrownBy(() -> Training.of(network).batch(6).run(new Threes(25), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("multiple of 3", "25 samples");
    }
  }
}
