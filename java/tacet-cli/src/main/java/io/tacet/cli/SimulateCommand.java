package io.tacet.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code tacet simulate microcircuit|connectome}. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    header = "Simulate a large network of spiking neurons, without training.",
    subcommands = {SimulateMicrocircuit.class, SimulateConnectome.class})
final class SimulateCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Missing what to simulate: microcircuit or connectome FILE.");
  }
}
