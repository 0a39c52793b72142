package io.tacet.systems.sernn;

import io.tacet.Backend;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.reference.JavaBackend;
import io.tacet.systems.Report;
import io.tacet.systems.sernn.EmbeddedNetwork.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Networks without the smallest of their recurrent weights, dense with zeros and sparse. */
final class PruningCheck {
  /** Part of the recurrent weights that is set to 0, all at once. */
  private static final double PRUNED = 0.85;

  private PruningCheck() {}

  /** Adds the gates of the sparse claim. */
  static void run(Report report, List<Snapshot> networks) throws IOException {
    int kept = 0;
    double apart = 0;
    try (Backend backend = new JavaBackend(1)) {
      for (Snapshot network : networks) {
        Pruned pruned = prune(backend, network);
        kept += pruned.accuracy() >= 0.9 ? 1 : 0;
        apart = Math.max(apart, pruned.apart());
      }
    }
    double part = networks.isEmpty() ? Double.NaN : (double) kept / networks.size();
    report.atLeast(
        "A8",
        "networks right in 90 % without 85 % of weights, seRNN 0.3, 30 epochs",
        part,
        0.75,
        ".90 to .98 of weights can go, re-simulated");
    report.atMost(
        "A8",
        "sparse against dense scores, relative",
        networks.isEmpty() ? Double.NaN : apart,
        1e-5,
        "");
  }

  /**
   * What is left of a network.
   *
   * @param accuracy on a trial of each kind
   * @param apart largest difference of scores of the sparse and the dense network, relative to the
   *     largest score
   */
  private record Pruned(double accuracy, double apart) {}

  private static Pruned prune(Backend backend, Snapshot snapshot) throws IOException {
    float[] weights = (float[]) snapshot.arrays().get(EmbeddedNetwork.RECURRENT).array();
    weights = weights.clone();
    float[] sizes = new float[weights.length];
    for (int w = 0; w < weights.length; w++) {
      sizes[w] = Math.abs(weights[w]);
    }
    Arrays.sort(sizes);
    float least = sizes[(int) (PRUNED * weights.length)];
    List<int[]> edges = new ArrayList<>();
    List<Float> values = new ArrayList<>();
    for (int w = 0; w < weights.length; w++) {
      if (Math.abs(weights[w]) < least) {
        weights[w] = 0;
      } else {
        edges.add(new int[] {w / EmbeddedNetwork.UNITS, w % EmbeddedNetwork.UNITS});
        values.add(weights[w]);
      }
    }
    Connection pattern = Connection.edges(EmbeddedNetwork.UNITS, edges.toArray(int[][]::new), null);
    try (Network dense = EmbeddedNetwork.build(backend, Connection.dense(), 0);
        Network sparse = EmbeddedNetwork.build(backend, pattern, 0)) {
      load(dense, snapshot.arrays(), weights);
      load(sparse, snapshot.arrays(), floats(values));
      double[][] first = dense.predict(ChoiceTask.eachKind()).scores();
      double[][] second = sparse.predict(ChoiceTask.eachKind()).scores();
      double apart = 0;
      double most = 0;
      for (int k = 0; k < first.length; k++) {
        for (int c = 0; c < first[k].length; c++) {
          apart = Math.max(apart, Math.abs(first[k][c] - second[k][c]));
          most = Math.max(most, Math.abs(first[k][c]));
        }
      }
      return new Pruned(EmbeddedNetwork.accuracy(dense), apart / most);
    }
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = values.get(k);
    }
    return floats;
  }

  private static void load(Network network, NamedArrays arrays, float[] recurrent)
      throws IOException {
    network.arrays().get(EmbeddedNetwork.RECURRENT).copyFrom(recurrent);
    for (String name :
        List.of("layer0.inputWeights", "layer0.bias", "readout.weights", "readout.bias")) {
      network.arrays().get(name).copyFrom((float[]) arrays.get(name).array());
    }
  }
}
