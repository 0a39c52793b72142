package io.tacet.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Shows how training goes: on a terminal one line that is redrawn, elsewhere a plain line per
 * epoch.
 *
 * <p>The line on the terminal holds the epoch, a bar of its batches, loss, accuracy, time left and
 * events per neuron, as many of these as fit, and never wraps. It is redrawn at most ten times a
 * second. Call {@link #begin}, then {@link #batch} and {@link #epoch} as they come, then {@link
 * #close}. Not safe for use by several threads.
 */
public final class Progress implements AutoCloseable {
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int MAX_BAR = 30;
  private static final int MIN_BAR = 6;
  private static final String ERASE_TO_END = "\u001b[K";

  private final PrintStream out;
  private final int width;
  private final LongSupplier nanoClock;
  private int firstEpoch = 1;
  private int epochs;
  private int batches = 1;
  private long startNanos;
  private long drawnNanos;
  private boolean lineOpen;
  private String activityName = "events/neuron";
  private String measuredName = "test";

  private Progress(PrintStream out, int width, LongSupplier nanoClock) {
    this.out = out;
    this.width = width;
    this.nanoClock = nanoClock;
  }

  /** Redraws a line if the process runs on a terminal, else prints plain lines. */
  public static Progress on(PrintStream out) {
    return Terminal.present() ? terminal(out, Terminal.width()) : plain(out);
  }

  /**
   * Redraws a line.
   *
   * @param width columns of the terminal, at least 1
   */
  public static Progress terminal(PrintStream out, int width) {
    return terminal(out, width, System::nanoTime);
  }

  /** Prints a plain line per epoch. */
  public static Progress plain(PrintStream out) {
    return new Progress(out, 0, System::nanoTime);
  }

  static Progress terminal(PrintStream out, int width, LongSupplier nanoClock) {
    if (width < 1) {
      throw new IllegalArgumentException("width: expected at least 1 column, got " + width + ".");
    }
    return new Progress(out, width, nanoClock);
  }

  /** What the last number is called; events/neuron unless set. */
  public void activityName(String name) {
    activityName = name;
  }

  /** What the set is called that epochs are measured on; test unless set. */
  public void measuredName(String name) {
    measuredName = name;
  }

  /**
   * Starts the clock of a run.
   *
   * @param first number of the first epoch that is trained now: 1, or more on resuming
   * @param last number of the last epoch
   * @param batchesPerEpoch at least 1
   * @throws IllegalArgumentException if a number is out of range
   */
  public void begin(int first, int last, int batchesPerEpoch) {
    if (first < 1 || batchesPerEpoch < 1) {
      throw new IllegalArgumentException(
          String.format(
              "first, batchesPerEpoch: expected at least 1 each, got %d and %d.",
              first, batchesPerEpoch));
    }
    firstEpoch = first;
    epochs = last;
    batches = batchesPerEpoch;
    startNanos = nanoClock.getAsLong();
    drawnNanos = startNanos - REDRAW_NANOS;
  }

  /**
   * Reports a batch. NaN stands for a number that was not measured.
   *
   * @param epoch number of the epoch, from 1
   * @param done batches of this epoch that are done, this one included
   * @param loss mean loss of the epoch so far
   * @param accuracy fraction classified correctly in the epoch so far, in [0, 1]
   * @param eventsPerNeuron mean number of events of a hidden unit in a sample so far
   */
  public void batch(int epoch, int done, double loss, double accuracy, double eventsPerNeuron) {
    long now = nanoClock.getAsLong();
    if (width == 0 || (now - drawnNanos < REDRAW_NANOS && done < batches)) {
      return;
    }
    drawnNanos = now;
    List<String> fields = new ArrayList<>();
    addField(fields, "loss %.4f", loss);
    addField(fields, "acc %.2f %%", 100 * accuracy);
    double finished = epoch - firstEpoch + done / (double) batches;
    double total = epochs - firstEpoch + 1;
    if (finished > 0 && finished <= total) {
      double seconds = (now - startNanos) / 1e9;
      fields.add(duration(seconds * (total - finished) / finished) + " left");
    }
    addField(fields, activityName + " %.2f", eventsPerNeuron);
    draw(counter(epoch), done / (double) batches, fields);
  }

  /**
   * Reports the end of an epoch.
   *
   * @param notes more to show after the accuracies; empty ones are left out
   */
  public void epoch(EpochSummary summary, String... notes) {
    List<String> fields = new ArrayList<>();
    addField(fields, "loss %.4f", summary.loss());
    addField(fields, "acc %.2f %%", 100 * summary.accuracy());
    addField(fields, measuredName + " %.2f %%", 100 * summary.testAccuracy());
    Stream.of(notes).filter(note -> !note.isEmpty()).forEach(fields::add);
    addField(fields, activityName + " %.2f", summary.eventsPerNeuron());
    addField(fields, "%.1f s", summary.seconds());
    if (width > 0) {
      draw(counter(summary.epoch()), 1, fields);
    } else {
      out.println(counter(summary.epoch()) + "  " + String.join("  ", fields));
    }
  }

  /** Prints a line of its own, below that of the epoch in progress. */
  public void line(String text) {
    if (lineOpen) {
      out.println();
      lineOpen = false;
    }
    out.println(text);
  }

  /** Ends the redrawn line, so that what is printed next begins a new one. Closes no stream. */
  @Override
  public void close() {
    if (lineOpen) {
      out.println();
      lineOpen = false;
    }
    out.flush();
  }

  private String counter(int epoch) {
    String last = Integer.toString(epochs);
    return String.format(Locale.ROOT, "epoch %" + last.length() + "d/%s", epoch, last);
  }

  private static void addField(List<String> fields, String format, double value) {
    if (!Double.isNaN(value)) {
      fields.add(String.format(Locale.ROOT, format, value));
    }
  }

  /** Draws what fits: the fields before the bar, which takes what they leave. */
  private void draw(String counter, double fraction, List<String> fields) {
    int room = width - 1;
    StringBuilder tail = new StringBuilder();
    for (String field : fields) {
      if (counter.length() + tail.length() + 2 + field.length() > room) {
        break;
      }
      tail.append("  ").append(field);
    }
    int barRoom = Math.min(MAX_BAR, room - counter.length() - tail.length() - 4);
    StringBuilder line = new StringBuilder(counter);
    if (barRoom >= MIN_BAR) {
      int filled = (int) Math.round(Math.min(1, fraction) * barRoom);
      line.append("  [").append("#".repeat(filled)).append(".".repeat(barRoom - filled));
      line.append(']');
    }
    line.append(tail);
    out.print("\r" + line.substring(0, Math.min(line.length(), room)) + ERASE_TO_END);
    out.flush();
    lineOpen = true;
  }

  private static String duration(double seconds) {
    long s = Math.round(seconds);
    return s < 3600
        ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }
}
