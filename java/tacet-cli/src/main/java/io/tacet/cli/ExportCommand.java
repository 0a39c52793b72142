package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.network.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet export MODEL}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    header = "Write the weights of a network for NumPy or PyTorch.",
    description = {
      "",
      "The arrays have the names that tacet inspect shows. A .npz is read by numpy.load, a"
          + " .safetensors by safetensors.numpy.load_file; the latter also keeps the description of"
          + " the network, under the key network of its metadata.",
      ""
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "a model.tacet or checkpoint.tacet")
  private Path model;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      required = true,
      description = "a name that ends in .npz or .safetensors")
  private Path to;

  @Override
  public Integer call() throws IOException {
    String name = to.toString();
    if (!name.endsWith(".npz") && !name.endsWith(".safetensors")) {
      throw new IllegalArgumentException(
          "--to: expected a name that ends in .npz or .safetensors, got '" + name + "'.");
    }
    try (Backend java = Backends.open("java");
        Network network = Network.load(java, model)) {
      NamedArrays weights = network.weights();
      if (name.endsWith(".npz")) {
        Npz.write(to, weights);
      } else {
        Safetensors.write(to, weights.withMetadata(Map.of("network", network.spec().toJson())));
      }
      System.out.println(weights.names().size() + " arrays in " + to + ".");
    }
    return 0;
  }
}
