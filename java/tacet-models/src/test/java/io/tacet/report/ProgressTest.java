package io.tacet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long nanos;

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private Progress terminal(int width) {
    return Progress.terminal(out, width, () -> nanos);
  }

  @Test
  void withoutATerminalAnEpochIsOnePlainLine() {
    try (Progress progress = Progress.plain(out)) {
      progress.begin(1, 100, 10);
      progress.batch(1, 1, 0.5, 0.5, 1);
      progress.epoch(new EpochSummary(1, 0.51234, 0.811, 0.8, 1.25, 4.06));
      progress.epoch(new EpochSummary(2, 0.5, Double.NaN, Double.NaN, Double.NaN, 4));
    }
    assertThat(printed().lines())
        .containsExactly(
            "epoch   1/100  loss 0.5123  acc 81.10 %  test 80.00 %  events/neuron 1.25  4.1 s",
            "epoch   2/100  loss 0.5000  4.0 s");
  }

  @Test
  void onATerminalOneLineIsRedrawnAndEndedAtTheEnd() {
    try (Progress progress = terminal(100)) {
      progress.begin(1, 2, 10);
      nanos = TimeUnit.SECONDS.toNanos(10);
      progress.batch(1, 5, 0.5, 0.75, 2);
    }
    assertThat(printed())
        .isEqualTo(
            "\repoch 1/2  [###############..............]  loss 0.5000  acc 75.00 %  0:30 left"
                + "  events/neuron 2.00\u001b[K"
                + System.lineSeparator());
  }

  @Test
  void theLineIsRedrawnAtMostTenTimesASecondButAlwaysWhenTheEpochEnds() {
    Progress progress = terminal(80);
    progress.begin(1, 1, 1000);
    for (int batch = 1; batch <= 1000; batch++) {
      nanos += TimeUnit.MILLISECONDS.toNanos(1);
      progress.batch(1, batch, 1, 0, 0);
    }
    long drawn = printed().chars().filter(c -> c == '\r').count();
    assertThat(drawn).isBetween(10L, 12L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 12, 20, 30, 40, 60, 80, 120, 300})
  void theLineNeverReachesTheLastColumn(int width) {
    Progress progress = terminal(width);
    progress.begin(1, 100, 10);
    progress.batch(1, 5, 123.456, 0.987, 12.5);
    nanos += TimeUnit.HOURS.toNanos(2);
    progress.batch(2, 10, 123.456, 0.987, 12.5);
    progress.epoch(new EpochSummary(2, 123.456, 0.987, 0.5, 12.5, 7200));
    for (String line : printed().replace("\u001b[K", "").split("\r", -1)) {
      assertThat(line).hasSizeLessThan(width);
    }
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> terminal(0));
    assertThatIllegalArgumentException().isThrownBy(() -> Progress.plain(out).begin(1, 1, 0));
  }
}
