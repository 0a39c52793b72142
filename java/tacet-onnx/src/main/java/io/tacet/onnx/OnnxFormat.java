package io.tacet.onnx;

import io.tacet.Backend;
import io.tacet.exchange.NetworkFormat;
import io.tacet.files.AtomicFile;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.onnx.internal.Onnx.ModelProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** ONNX models, {@code .onnx}. */
public final class OnnxFormat implements NetworkFormat {
  @Override
  public String name() {
    return "ONNX";
  }

  @Override
  public List<String> endings() {
    return List.of(".onnx");
  }

  @Override
  public boolean holdsStructure() {
    return true;
  }

  @Override
  public Network read(Backend backend, Path file, NetworkSpec structure) throws IOException {
    return OnnxImport.read(backend, file);
  }

  @Override
  public String write(Network network, Path file) throws IOException {
    ModelProto model = OnnxExport.model(network);
    AtomicFile.write(file, model::writeTo);
    return model.getGraph().getNodeCount() + " nodes";
  }
}
