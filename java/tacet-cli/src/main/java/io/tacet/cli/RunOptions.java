package io.tacet.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of every training. */
final class RunOptions {
  @Option(
      names = "--backend",
      defaultValue = "auto",
      description = "java, host, cuda or auto (default): cuda where there is a GPU, else java")
  String backend;

  @Option(names = "--data", description = "folder of data sets; default: $TACET_DATA, else data")
  Path data;

  @Option(names = "--out", description = "output folder; default out/TASK")
  Path out;

  @Option(
      names = "--resume",
      description = "continue from the checkpoint in the output folder, with its settings")
  boolean resume;

  @Option(names = "--json", description = "print one line of JSON last, and nothing else")
  boolean json;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "refuse a training whose arrays take more, as in 512M or 12G; default: the maximum heap of"
              + " the JVM on java, the memory of the GPU on cuda")
  Long memory;

  @Option(
      names = "--checkpoint-minutes",
      paramLabel = "MINUTES",
      defaultValue = "10",
      description =
          "write a checkpoint within an epoch too when the last one is this old, so that a killed"
              + " training loses no more; 0: after each epoch only (default ${DEFAULT-VALUE})")
  double checkpointMinutes;

  @Option(
      names = "--plan",
      description = "print the memory that the training would take, and do not train")
  boolean plan;

  @Option(
      names = "--seeds",
      description =
          "train once for each seed, as in 0-4 or 1,3,9, in folders seed-0 and so on, and report"
              + " mean and deviation; on java over the cores, with a thread each")
  String seeds;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "the same for N seeds from that of the settings on")
  int replicas;

  /** Whether others run at the same time, so that it tells of its end only. */
  boolean one;

  /** The same with another output folder. */
  RunOptions in(Path folder) {
    RunOptions other = new RunOptions();
    other.backend = backend;
    other.data = data;
    other.out = folder;
    other.resume = resume;
    other.json = json;
    other.memory = memory;
    other.checkpointMinutes = checkpointMinutes;
    other.plan = plan;
    return other;
  }

  /** The output folder of a task. */
  Path out(String task) {
    return out == null ? Path.of("out", task) : out;
  }
}
