package io.tacet.bench;

import io.tacet.cuda.CudaException;
import io.tacet.cuda.NativeBackend;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The ceilings of the device within a run: each is kept as soon as it is measured, and what fails
 * becomes a line among the failures and stops nothing else.
 */
final class DeviceRun implements DeviceCeilings.Sink {
  /** Writes everything measured so far. */
  interface Writer {
    void write() throws IOException;
  }

  private final Results results;
  private final Writer writer;
  private final PrintStream terminal;
  private final List<String> failures;

  DeviceRun(Results results, Writer writer, PrintStream terminal, List<String> failures) {
    this.results = results;
    this.writer = writer;
    this.terminal = terminal;
    this.failures = failures;
  }

  /** Measures those that the results lack. */
  void measure(int repetitions) throws IOException {
    if (DeviceCeilings.complete(this)) {
      return;
    }
    try (NativeBackend device = (NativeBackend) Machine.open("cuda", 1)) {
      DeviceCeilings.measure(device, repetitions, this);
    } catch (CudaException e) {
      failed("DeviceCeilings: " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public boolean has(String benchmark, Map<String, String> params) {
    return results.has(benchmark, params);
  }

  @Override
  public void add(Map<String, Object> entry) {
    results.add(List.of(entry));
    terminal.println("  " + entry.get("benchmark") + " " + entry.get("params"));
    try {
      writer.write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void failed(String what) {
    terminal.println("  failed: " + what);
    failures.add(what);
  }
}
