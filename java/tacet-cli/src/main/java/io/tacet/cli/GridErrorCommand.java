package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.eventprop.GridError;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tacet grid-error}. */
@Command(
    name = "grid-error",
    mixinStandardHelpOptions = true,
    header = "Measure how far gradients on a time grid are from the exact ones.",
    description =
        "Random networks of 5 inputs, 6 hidden and 3 output neurons, in double precision.")
final class GridErrorCommand implements Callable<Integer> {
  @Option(names = "--networks", defaultValue = "40", description = "random networks; default 40")
  private int networks;

  @Option(names = "--seed", defaultValue = "0", description = "default 0")
  private long seed;

  @Option(
      names = "--dt",
      split = ",",
      defaultValue = "1,0.3,0.1,0.03,0.01",
      description = "steps in ms; default 1,0.3,0.1,0.03,0.01")
  private double[] steps;

  @Override
  public Integer call() {
    try (Backend java = Backends.open("java")) {
      System.out.println("Relative error of hidden-weight gradients, " + networks + " networks:");
      System.out.println(GridError.title());
      GridError.measure(java, networks, seed, steps).forEach(System.out::println);
    }
    return 0;
  }
}
