package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.cuda.RuntimeCounts;
import io.tacet.training.TrainingListener;
import java.util.ArrayList;
import java.util.List;

/** What the native runtime has been asked for after each update of a training. */
final class UpdateCounts implements TrainingListener {
  private final List<RuntimeCounts> ends = new ArrayList<>();

  @Override
  public boolean readsGradients() {
    return false;
  }

  @Override
  public void batch(
      int epoch, int batch, int batches, double loss, double accuracy, double activity) {
    ends.add(RuntimeCounts.now());
  }

  /** All but copies and waits: replicas copy arrays that lie side by side one after the other. */
  static RuntimeCounts withoutCopies(RuntimeCounts all) {
    return new RuntimeCounts(all.launches(), all.fills(), all.allocations(), 0, 0, 0);
  }

  /** Of the last update, when everything is allocated. */
  RuntimeCounts last() {
    assertThat(ends).hasSizeGreaterThanOrEqualTo(3);
    return ends.get(ends.size() - 1).minus(ends.get(ends.size() - 2));
  }
}
