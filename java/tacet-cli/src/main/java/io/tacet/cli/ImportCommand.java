package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.exchange.NetworkFormat;
import io.tacet.exchange.NetworkFormats;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet import FILE}. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    header = "Read a network, or weights, of another program.",
    description = {
      "",
      "The ending of the name decides what is read. A file that holds weights only needs the"
          + " structure of the network, in --config, as tacet inspect shows it under network. Its"
          + " arrays have our names, or those of PyTorch or Keras; --set readout=fc says which"
          + " module goes where, if several fit.",
      ""
    })
final class ImportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "a file of another program, such as weights.npz")
  private Path file;

  @Option(
      names = "--config",
      paramLabel = "JSON",
      description = "the structure of the network, for files of weights only")
  private Path config;

  @Option(
      names = "--out",
      paramLabel = "MODEL",
      defaultValue = "model.tacet",
      description = "model to write; default model.tacet")
  private Path out;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "a setting of the format, such as dt=0.1 of NIR; once for each")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    NetworkFormat format = NetworkFormats.of("FILE", file);
    NetworkSpec structure = structure(format);
    try (Backend java = Backends.open("java");
        Network network = format.read(java, file, structure, settings)) {
      network.save(out);
      System.out.printf(
          "%d layers, %d numbers in %s.%n", network.layers().size(), network.size(), out);
    }
    return 0;
  }

  private NetworkSpec structure(NetworkFormat format) throws IOException {
    if (config == null) {
      return null;
    }
    if (format.holdsStructure()) {
      throw new IllegalArgumentException(
          "--config: expected none for " + format.name() + ", which holds the structure itself.");
    }
    try {
      return NetworkSpec.of(JsonObject.of(Files.readString(config), config.toString()));
    } catch (JsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
