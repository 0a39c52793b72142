package io.tacet.bench;

import io.tacet.cuda.CudaException;
import io.tacet.cuda.CudaFatalException;
import io.tacet.cuda.NativeBackend;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Ceilings and kernels of the device within a run: each is saved as soon as it is measured, and a
 * failure is recorded and does not stop the rest.
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

  /**
   * Measures kernels.
   *
   * @return false if this process can no longer use the device
   */
  boolean kernels(SuiteOptions options, int repetitions) throws IOException {
    KernelLog log = KernelLog.in(options.out(), options.keep());
    try (NativeBackend device = (NativeBackend) Machine.open(options.backend(), 1)) {
      new DeviceKernels(device, options.only(), repetitions, log, this, terminal::println)
          .measure(KernelPlan.of(options.sizes()), options.seconds());
      return true;
    } catch (CudaFatalException e) {
      return false;
    } catch (CudaException e) {
      failed("DeviceKernels: " + e.getMessage());
      return true;
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
    terminal.println("  " + KernelTable.line(entry));
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
