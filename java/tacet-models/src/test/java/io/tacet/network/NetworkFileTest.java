package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.checkpoint.ModelFormatException;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.Leaks;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkFileTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network recurrent(Backend backend) {
    return Network.on(backend)
        .duration(80)
        .spikes(Sequences.SOURCES)
        .lif(
            20,
            Lif.tau(20, 5).train(Trainable.TAU_SYN),
            Connection.dense(Weights.normal(5, 2)).delays(0, 3),
            Connection.sparse(0.3, Weights.normal(0, 1)).delays(1, 5).trainDelays())
        .readout(Sequences.CLASSES, 20, 5, Weights.normal(0, 0.5), Reduction.MAX)
        .build(3);
  }

  @Test
  void aSavedNetworkComputesTheSameAfterLoading() throws IOException {
    Path file = folder.resolve("model.tacet");
    SpikeDataset data = Sequences.generate("some", 40, 1);
    try (Backend java = Backends.open("java");
        Network network = recurrent(java)) {
      network.save(file);
      try (Network loaded = Network.load(java, file)) {
        assertThat(loaded.spec()).isEqualTo(network.spec());
        assertThat(Evaluation.of(loaded, new CrossEntropy(), data).loss())
            .isEqualTo(Evaluation.of(network, new CrossEntropy(), data).loss());
      }
    }
  }

  @Test
  void aModelWithWeightsThatAreNotNumbersIsRefusedByName() throws IOException {
    Path file = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java");
        Network network = recurrent(java)) {
      double[] weights = network.arrays().get("layer1.weights").toDoubles();
      weights[7] = Double.NaN;
      network.arrays().get("layer1.weights").copyFrom(weights);
      network.save(file);
      assertThatThrownBy(() -> Network.load(java, file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("layer1.weights[7] is NaN");
    }
  }

  @Test
  void aTruncatedModelIsRefused() throws IOException {
    Path file = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java")) {
      try (Network network = recurrent(java)) {
        network.save(file);
      }
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
      assertThatThrownBy(() -> Network.load(java, file)).isInstanceOf(ModelFormatException.class);
    }
  }

  @Test
  void numbersThatDoNotFitTheStructureAreRefusedWithoutLeaks() throws IOException {
    Path file = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java")) {
      try (Network network = recurrent(java)) {
        ModelFileBuilder builder = ModelFile.builder();
        builder.metadata("network", network.spec().toJson());
        network
            .arrays()
            .forEach(
                (name, array) -> {
                  if (name.equals("layer1.weights")) {
                    builder.floats(name, new float[5]);
                  } else {
                    Numbers.put(builder, name, array);
                  }
                });
        builder.build().write(file);
      }
      assertThatThrownBy(() -> Network.load(java, file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("do not fit");
    }
  }

  @Test
  void aPatternOfInputsThatIsNoneIsRefusedWithoutLeaks() throws IOException {
    Path file = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java")) {
      try (Network network =
          Network.on(java)
              .sequence(3)
              .egru(4, Egru.defaults(), Connection.sparse(0.5), Connection.dense())
              .readout(2)
              .build(1)) {
        int[] indices = network.arrays().get("layer0.inputIndices").toInts();
        indices[indices.length - 1] = 12;
        network.arrays().get("layer0.inputIndices").copyFrom(indices);
        network.save(file);
      }
      assertThatThrownBy(() -> Network.load(java, file))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("do not fit", "indices", "12");
    }
  }

  @Test
  void theSameSeedGivesTheSameNetwork() {
    try (Backend java = Backends.open("java");
        Network one = recurrent(java);
        Network two = recurrent(java)) {
      one.arrays()
          .forEach(
              (name, array) -> {
                if (array.type().isFloating()) {
                  assertThat(two.arrays().get(name).toDoubles())
                      .as(name)
                      .isEqualTo(array.toDoubles());
                }
              });
    }
  }
}
