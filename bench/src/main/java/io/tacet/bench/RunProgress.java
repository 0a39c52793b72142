package io.tacet.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Prints a line for each benchmark with its time and the estimated time left; other output goes to
 * a log.
 */
final class RunProgress implements OutputFormat {
  private final PrintStream out;
  private final OutputFormat log;
  private final int total;
  private final long began = System.nanoTime();
  private final List<String> failures = new ArrayList<>();
  private int done;
  private int planned;
  private String running;

  RunProgress(PrintStream out, PrintStream log, int total) {
    this.out = out;
    this.log = OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL);
    this.total = total;
  }

  /** An entry of the plan is about to run. */
  void begin(PlanEntry entry) {
    planned += entry.runs();
  }

  /** It has run; benchmarks without a result have failed. */
  void end() {
    failed();
    done = planned;
  }

  /** Benchmarks that were started and gave no result. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  private void failed() {
    if (running != null) {
      out.println("  failed; see jmh.log");
      failures.add(running);
      running = null;
    }
  }

  @Override
  public void startBenchmark(BenchmarkParams params) {
    failed();
    StringBuilder name = new StringBuilder(params.getBenchmark().replaceFirst(".*\\.bench\\.", ""));
    for (String key : params.getParamsKeys()) {
      name.append(' ').append(key).append('=').append(params.getParam(key));
    }
    if (params.getThreads() > 1) {
      name.append(" x").append(params.getThreads());
    }
    running = name.toString();
    out.printf(Locale.ROOT, "[%d/%d] %s", done + 1, total, running);
    out.flush();
    log.startBenchmark(params);
  }

  @Override
  public void endBenchmark(BenchmarkResult result) {
    log.endBenchmark(result);
    if (result == null) {
      return;
    }
    done++;
    running = null;
    Result<?> primary = result.getPrimaryResult();
    double left = (System.nanoTime() - began) * 1e-9 * (total - done) / done;
    out.printf(
        Locale.ROOT,
        "  %s %s  (%d:%02d left)%n",
        Quantity.number(primary.getScore()),
        primary.getScoreUnit(),
        (int) left / 60,
        (int) left % 60);
  }

  @Override
  public void iteration(BenchmarkParams params, IterationParams iteration, int number) {
    log.iteration(params, iteration, number);
  }

  @Override
  public void iterationResult(
      BenchmarkParams params, IterationParams iteration, int number, IterationResult result) {
    log.iterationResult(params, iteration, number, result);
  }

  @Override
  public void startRun() {
    log.startRun();
  }

  @Override
  public void endRun(Collection<RunResult> results) {
    log.endRun(results);
  }

  @Override
  public void print(String text) {
    log.print(text);
  }

  @Override
  public void println(String text) {
    log.println(text);
  }

  @Override
  public void verbosePrintln(String text) {
    log.verbosePrintln(text);
  }

  @Override
  public void write(int b) {
    log.write(b);
  }

  @Override
  public void write(byte[] b) throws IOException {
    log.write(b);
  }

  @Override
  public void flush() {
    log.flush();
  }

  @Override
  public void close() {
    log.close();
  }
}
