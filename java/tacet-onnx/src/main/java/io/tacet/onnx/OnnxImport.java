package io.tacet.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tacet.Backend;
import io.tacet.files.FileFormatException;
import io.tacet.network.Network;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.OperatorSetIdProto;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Networks from ONNX models: stacks of GRU, RNN and dense layers with what stands between them, and
 * what {@link OnnxExport} writes. The network computes in single precision what the model does.
 *
 * <p>A model without a linear layer at its end gets a read-out that passes values on. Where it
 * reads tokens, they are the input; else the input is a sequence, of one step where the model has
 * no axis of steps. An initial state that is an input of the model is the {@link
 * io.tacet.network.NetworkState} of the network, and {@code sequence_lens} the lengths of its
 * passes or data.
 */
public final class OnnxImport {
  private static final int OLDEST = 7;
  private static final int NEWEST = 25;

  private OnnxImport() {}

  /**
   * Reads a network; the caller closes it.
   *
   * @throws FileFormatException if the file is no ONNX model, is damaged, or computes what no
   *     network does; the message names the node and the attribute
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static Network read(Backend backend, Path file) throws IOException {
    return of(file, signal -> NetworkMaker.make(backend, signal));
  }

  /**
   * The numbers of steps of each sample that a model has as a constant, to be given to {@code
   * Pass.lengths} or with the data: a network itself has none.
   *
   * @return null where the model has none, or takes them as an input
   * @throws IOException as {@link #read}
   */
  public static int[] lengths(Path file) throws IOException {
    SequenceLengths lengths = of(file, Computed::lengths);
    return lengths == null || lengths.constant() == null
        ? null
        : lengths.constant().stream().mapToInt(Integer::intValue).toArray();
  }

  private interface Use<T> {
    T of(Computed signal) throws ModelProblem;
  }

  private static <T> T of(Path file, Use<T> use) throws IOException {
    ModelProto model = parse(file);
    try {
      requireVersion(model);
      return use.of(new GraphReader().read(model.getGraph()));
    } catch (ModelProblem e) {
      FileFormatException problem = new FileFormatException(file, e.getMessage(), e.remedy());
      problem.initCause(e);
      throw problem;
    }
  }

  private static ModelProto parse(Path file) throws IOException {
    if (Files.size(file) > Integer.MAX_VALUE) {
      throw new FileFormatException(
          file,
          "expected at most 2 GiB, as a model in one file has, found "
              + Files.size(file)
              + " bytes",
          "Models with external data are not read.");
    }
    ModelProto model;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      model = ModelProto.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      FileFormatException damaged =
          new FileFormatException(
              file,
              "expected an ONNX model, found a damaged one or another file: "
                  + e.getMessage().replaceAll("\\.?\\s*$", ""),
              "Copy it again, or write it again.");
      damaged.initCause(e);
      throw damaged;
    }
    if (!model.hasGraph() || model.getIrVersion() < 1 || model.getOpsetImportCount() == 0) {
      throw new FileFormatException(
          file,
          "expected an ONNX model, found a file without a graph and its versions",
          "Check that it was written whole, and as .onnx.");
    }
    return model;
  }

  private static void requireVersion(ModelProto model) throws ModelProblem {
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      boolean standard = set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx");
      if (standard && (set.getVersion() < OLDEST || set.getVersion() > NEWEST)) {
        throw new ModelProblem(
            "the model",
            "operators of a version from " + OLDEST + " to " + NEWEST,
            Long.toString(set.getVersion()),
            "Export it with such an opset.");
      }
    }
  }
}
