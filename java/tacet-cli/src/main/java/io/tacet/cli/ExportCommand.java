package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.exchange.NetworkFormat;
import io.tacet.exchange.NetworkFormats;
import io.tacet.network.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet export MODEL}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    header = "Write a network, or its weights, for another program.",
    description = {
      "",
      "The ending of the name decides. Named arrays have the names that tacet inspect shows: a .npz"
          + " is read by numpy.load, a .safetensors by safetensors.numpy.load_file; the latter also"
          + " keeps the description of the network, under the key network of its metadata.",
      ""
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "a model.tacet or checkpoint.tacet")
  private Path model;

  @Option(
      names = {"--out", "--to"},
      paramLabel = "FILE",
      required = true,
      description = "a name that ends as files of the format do, such as weights.npz")
  private Path out;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "a setting of the format, such as dt=0.1 of NIR; once for each")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    NetworkFormat format = NetworkFormats.of("--out", out);
    try (Backend java = Backends.open("java");
        Network network = Network.load(java, model)) {
      System.out.println(format.write(network, out, settings) + " in " + out + ".");
    }
    return 0;
  }
}
