package io.tacet.cli;

import io.tacet.BackendUnavailableException;
import io.tacet.cuda.CudaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** Entry point: explains itself without arguments, else runs a subcommand. */
@Command(
    name = "tacet",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    header = "Event-based, sparse recurrent networks: train, evaluate, inspect.",
    description = {
      "",
      "Start with:  tacet train yin-yang",
      "",
      "It trains a spiking network with exact gradients in under half a minute and leaves the"
          + " model, its metrics and pictures in out/yin-yang.",
      ""
    },
    subcommands = {
      EvalCommand.class,
      PredictCommand.class,
      CompareCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      SimulateCommand.class,
      ValidateCommand.class,
      GridErrorCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      AutoComplete.GenerateCompletion.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  /** Exit status when something asked for could not be done. */
  static final int FAILED = 1;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** Runs the command line and ends the process with its status. */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    // Else JavaCPP prints that the preset of OpenBLAS is older than itself.
    System.setProperty("org.bytedeco.javacpp.logger", "slf4j");
    System.exit(run(args));
  }

  /** Runs the command line: 0, 1 when it failed, 2 when the arguments are wrong. */
  static int run(String... args) {
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand("train", TrainCommand.line());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, command, parsed) -> fail(e, command));
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      long megabytes = Runtime.getRuntime().maxMemory() >> 20;
      System.err.printf(
          "tacet: out of memory (%s): Java may use %d MB here. Give it more, such as"
              + " TACET_JAVA_OPTS=-Xmx%dg, or take a smaller --batch.%n",
          e.getMessage(), megabytes, 2 * ((megabytes + 1023) >> 10));
      return FAILED;
    }
  }

  private static int fail(Exception e, CommandLine command) throws Exception {
    String message = explain(e);
    if (message == null) {
      throw e;
    }
    command.getErr().println("tacet: " + message);
    return FAILED;
  }

  /** What a person needs to know of an expected failure; null for a defect of ours. */
  private static String explain(Exception e) {
    if (e instanceof NoSuchFileException missing) {
      return "no file " + missing.getFile() + ".";
    }
    if (e instanceof IOException
        || e instanceof UncheckedIOException
        || e instanceof IllegalArgumentException
        || e instanceof ArithmeticException
        || e instanceof UnsupportedOperationException
        || e instanceof CudaException
        || e instanceof BackendUnavailableException) {
      return e.getMessage();
    }
    return null;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
