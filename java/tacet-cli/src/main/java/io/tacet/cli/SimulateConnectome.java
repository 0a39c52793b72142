package io.tacet.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code tacet simulate connectome FILE}. */
@Command(name = "connectome", mixinStandardHelpOptions = true)
final class SimulateConnectome implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
