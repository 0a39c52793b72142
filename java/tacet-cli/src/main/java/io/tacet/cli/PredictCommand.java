package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.files.AtomicFile;
import io.tacet.files.JsonObject;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Prediction;
import io.tacet.tasks.OwnData;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet predict MODEL DATA}. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    header = "Write the class and the scores, or the values, that a network gives to each sample.",
    description = {
      "",
      "DATA is in a format that the input of the network takes (docs/own-data.md): sequences in .npz"
          + " (the array x) or .csv, spikes in .csv or .h5. Labels may be missing and are not"
          + " looked at.",
      "",
      "The table has the columns sample, class, score0, score1 and so on: the values of a read-out,"
          + " of which the largest decides, or the times of first spikes in ms, of which the"
          + " smallest does; inf is an output that stays silent. The class is -1 where all do. Of a"
          + " network trained on targets they are sample, value0, value1 and so on, with step after"
          + " sample where it has values at every step.",
      ""
    })
final class PredictCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", index = "0", description = "a model.tacet or checkpoint.tacet")
  private Path model;

  @Parameters(paramLabel = "DATA", index = "1", description = "a file of samples")
  private Path data;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "predictions.csv",
      description = "table to write; default predictions.csv")
  private Path out;

  @Option(names = "--backend", defaultValue = "auto", description = "java, host, cuda or auto")
  private String backend;

  @Override
  public Integer call() throws IOException {
    ModelFile file = ModelFile.read(model);
    try (Backend chosen = Backends.open(backend);
        Network network = Network.read(chosen, file, model, null)) {
      OwnData reader = new OwnData(network.spec());
      if (reader.readsText()) {
        throw new IllegalArgumentException(
            model
                + ": expected a network that classifies samples, got one that reads a text. Use"
                + " tacet generate, or tacet eval.");
      }
      Prediction prediction = network.predict(reader.samples(data));
      AtomicFile.write(
          out,
          stream -> {
            Writer writer = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
            if (network.spec().readsEveryStep() || hasTargets(file)) {
              writeValues(prediction, network.spec(), writer);
            } else {
              write(prediction, network.spec().outputs(), writer);
            }
            writer.flush();
          });
      System.out.println(prediction.classes().length + " predictions in " + out + ".");
    }
    return 0;
  }

  private boolean hasTargets(ModelFile file) throws IOException {
    String settings = file.metadata().get("settings");
    return settings != null
        && JsonObject.of(settings, model + ": settings")
            .text("loss", "")
            .equals("mean-squared-error");
  }

  private static void writeValues(Prediction prediction, NetworkSpec spec, Writer to)
      throws IOException {
    StringBuilder line = new StringBuilder(spec.readsEveryStep() ? "sample,step" : "sample");
    for (int k = 0; k < spec.outputs(); k++) {
      line.append(",value").append(k);
    }
    to.append(line).append('\n');
    for (int i = 0; i < prediction.scores().length; i++) {
      double[] values = prediction.scores()[i];
      for (int at = 0; at < values.length; at += spec.outputs()) {
        line.setLength(0);
        line.append(i);
        if (spec.readsEveryStep()) {
          line.append(',').append(at / spec.outputs());
        }
        for (int k = 0; k < spec.outputs(); k++) {
          line.append(',').append(values[at + k]);
        }
        to.append(line).append('\n');
      }
    }
  }

  private static void write(Prediction prediction, int outputs, Writer to) throws IOException {
    StringBuilder line = new StringBuilder("sample,class");
    for (int k = 0; k < outputs; k++) {
      line.append(",score").append(k);
    }
    to.append(line).append('\n');
    for (int i = 0; i < prediction.classes().length; i++) {
      line.setLength(0);
      line.append(i).append(',').append(prediction.classes()[i]);
      Arrays.stream(prediction.scores()[i])
          .forEach(score -> line.append(',').append(Double.isInfinite(score) ? "inf" : score));
      to.append(line).append('\n');
    }
  }
}
