import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Optimizer;
import io.tacet.pytorch.TorchEgru;
import io.tacet.pytorch.TorchTensors;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network of three parts learns to tell four frequencies apart: a linear layer of libtorch,
 * event-gated units of Tacet and another linear layer of libtorch. Gradients pass through all
 * three; each side updates its own parameters.
 */
public class TrainBetweenModules {
  private static final int STEPS = 20;
  private static final int BATCH = 100;
  private static final int FEATURES = 4;
  private static final int UNITS = 32;
  private static final int CLASSES = 4;

  private final LinearImpl encoder = new LinearImpl(1, FEATURES);
  private final LinearImpl decoder = new LinearImpl(UNITS, CLASSES);
  private final TorchEgru units;

  private TrainBetweenModules(TorchEgru units) {
    this.units = units;
  }

  public static void main(String[] args) {
    int updates = args.length > 0 ? Integer.parseInt(args[0]) : 400;
    torch.manual_seed(1);
    try (Backend backend = Backends.open(args.length > 1 ? args[1] : "java");
        Resources own = new Resources()) {
      EgruLayer layer =
          new EgruLayer(
              drawn(backend, own, 1 / Math.sqrt(UNITS), UNITS, 3 * UNITS),
              drawn(backend, own, 0, 3 * UNITS),
              drawn(backend, own, 0, 3 * UNITS),
              drawn(backend, own, 0.02, UNITS),
              EgruOptions.defaults());
      DeviceArray inputWeights = drawn(backend, own, 1 / Math.sqrt(FEATURES), FEATURES, 3 * UNITS);
      new TrainBetweenModules(own.own(new TorchEgru(layer, inputWeights))).train(updates);
    }
  }

  /** Random numbers of libtorch in an array of Tacet, for biases and thresholds without a sign. */
  private static DeviceArray drawn(Backend backend, Resources own, double scale, long... shape) {
    try (PointerScope scope = new PointerScope()) {
      Tensor numbers = torch.randn(shape).mul(new Scalar(scale));
      return own.own(TorchTensors.copyOf(backend, shape.length == 1 ? numbers.abs() : numbers));
    }
  }

  private void train(int updates) {
    SplittableRandom random = new SplittableRandom(1);
    TensorVector parameters = encoder.parameters();
    parameters.push_back(decoder.weight()).push_back(decoder.bias());
    Adam modules = new Adam(parameters, new AdamOptions(5e-3));
    try (Optimizer ours = io.tacet.optim.Adam.rate(5e-3).create(units.parameters())) {
      for (int k = 1; k <= updates; k++) {
        try (PointerScope scope = new PointerScope()) {
          modules.zero_grad();
          units.zeroGradients();
          double accuracy = update(random);
          modules.step();
          ours.step(1);
          if (k % 100 == 0 || k == updates) {
            System.out.printf("update %d: accuracy %.2f%n", k, accuracy);
          }
        }
      }
    }
  }

  /** Both passes over new sequences; the accuracy before the update. */
  private double update(SplittableRandom random) {
    float[] signals = new float[STEPS * BATCH];
    long[] classes = new long[BATCH];
    draw(random, signals, classes);
    Tensor labels = AbstractTensor.create(classes);

    Tensor below = encoder.forward(AbstractTensor.create(signals, STEPS, BATCH, 1));
    Tensor events = units.forward(below.detach()).set_requires_grad(true);
    Tensor scores = decoder.forward(events.narrow(0, STEPS / 2, STEPS / 2).mean(0));
    torch.cross_entropy_loss(scores, labels).backward();
    below.backward(
        units.backward(events.grad()), new BoolOptional(), false, new TensorArrayRefOptional());

    Tensor right = scores.argmax(new LongOptional(1), false).eq(labels);
    return right.to(ScalarType.Float).mean().item_float();
  }

  /** Sines of four frequencies with a random phase, and noise. */
  private static void draw(SplittableRandom random, float[] signals, long[] classes) {
    for (int b = 0; b < BATCH; b++) {
      classes[b] = random.nextInt(CLASSES);
      double phase = random.nextDouble(2 * Math.PI);
      for (int t = 0; t < STEPS; t++) {
        double sine = Math.sin(phase + (0.4 + 0.25 * classes[b]) * t);
        signals[t * BATCH + b] = (float) (sine + 0.3 * random.nextGaussian());
      }
    }
  }
}
