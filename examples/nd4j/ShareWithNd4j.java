import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.nd4j.Nd4jArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J makes inputs and weights, event-gated units compute in its memory, and ND4J measures what
 * they sent, in the memory where they wrote it.
 */
public class ShareWithNd4j {
  private static final int STEPS = 50;
  private static final int BATCH = 16;
  private static final int CHANNELS = 8;
  private static final int UNITS = 64;

  public static void main(String[] args) {
    Nd4j.getRandom().setSeed(1);
    INDArray signals = Nd4j.randn(DataType.FLOAT, STEPS, BATCH, CHANNELS);
    signals.subi(signals.mean(0, 1)).divi(signals.std(0, 1));
    INDArray weights = Nd4j.randn(DataType.FLOAT, CHANNELS, 3 * UNITS).muli(0.5);
    INDArray recurrent = Nd4j.randn(DataType.FLOAT, UNITS, 3 * UNITS).muli(0.1);
    try (Backend host = Backends.open("host");
        DeviceArray x = Nd4jArrays.view(host, signals);
        DeviceArray w = Nd4jArrays.view(host, weights);
        DeviceArray r = Nd4jArrays.view(host, recurrent);
        DeviceArray inputBias = host.allocate(DType.FLOAT32, 3 * UNITS);
        DeviceArray recurrentBias = host.allocate(DType.FLOAT32, 3 * UNITS);
        DeviceArray thresholds = host.allocate(DType.FLOAT32, UNITS);
        DeviceArray currents = host.allocate(DType.FLOAT32, STEPS, BATCH, 3 * UNITS);
        DeviceArray events = host.allocate(DType.FLOAT32, STEPS, BATCH, UNITS)) {
      INDArray theta = Nd4jArrays.view(thresholds).assign(0.3);
      EgruLayer layer =
          new EgruLayer(r, inputBias, recurrentBias, thresholds, EgruOptions.defaults());
      INDArray sent = Nd4jArrays.view(events);
      for (int k = 0; k < 3; k++) {
        Dense.multiply(x, w, false, currents);
        Egru.forward(
            layer, EgruInputs.of(currents), new EgruOutputs(events, null, null, null), null);
        System.out.printf(
            "thresholds %.1f: activity %.3f%n",
            theta.getFloat(0), sent.neq(0).castTo(DataType.FLOAT).meanNumber().floatValue());
        theta.addi(0.2);
      }
    }
  }
}
