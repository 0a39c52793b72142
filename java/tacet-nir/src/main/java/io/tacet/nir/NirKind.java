package io.tacet.nir;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kinds of nodes. A spike is a pulse; x is what a node gets, y what it gives, all of one shape
 * where nothing else is said; times are in seconds.
 */
public enum NirKind {
  /** Where data enter; {@code shape} of the data. */
  INPUT("Input", "shape", ""),
  /** Where data leave. */
  OUTPUT("Output", "shape", ""),
  /** y = W x + b; {@code weight} [to][from], {@code bias} [to]. */
  AFFINE("Affine", "weight bias", ""),
  /** y = W x. */
  LINEAR("Linear", "weight", ""),
  /** y = s x, element by element. */
  SCALE("Scale", "scale", ""),
  /** Convolution; {@code weight} [to][from / groups][length], x [from][length]. */
  CONV1D("Conv1d", "weight stride padding dilation groups bias", "input_shape"),
  /** Convolution; {@code weight} [to][from / groups][height][width], x [from][height][width]. */
  CONV2D("Conv2d", "weight stride padding dilation groups bias", "input_shape"),
  /** Sum over a window of each channel. */
  SUM_POOL_2D("SumPool2d", "kernel_size stride padding", ""),
  /** Mean over a window of each channel; what is beyond the edge counts as 0. */
  AVG_POOL_2D("AvgPool2d", "kernel_size stride padding", ""),
  /** The same elements with the dimensions from {@code start_dim} to {@code end_dim} as one. */
  FLATTEN("Flatten", "start_dim end_dim", "input_type"),
  /** y(t) = x(t - delay). */
  DELAY("Delay", "delay", ""),
  /** y = 1 where x is above the threshold, else 0. */
  THRESHOLD("Threshold", "threshold", ""),
  /** v' = r x, y = v. */
  I("I", "r", ""),
  /** v' = r x; a spike, and v = v_reset, where v is above the threshold. */
  IF("IF", "r v_threshold", "v_reset"),
  /** tau v' = v_leak - v + r x, y = v. */
  LI("LI", "tau r v_leak", ""),
  /** tau v' = v_leak - v + r x, with spikes. */
  LIF("LIF", "tau r v_leak v_threshold", "v_reset"),
  /** tau_syn i' = -i + w_in x, tau_mem v' = v_leak - v + r i, y = v. */
  CUBA_LI("CubaLI", "tau_syn tau_mem r v_leak", "w_in"),
  /** tau_syn i' = -i + w_in x, tau_mem v' = v_leak - v + r i, with spikes. */
  CUBA_LIF("CubaLIF", "tau_syn tau_mem r v_leak v_threshold", "v_reset w_in");

  private final String type;
  private final String required;
  private final String optional;

  /** Names of fields are separated by spaces. */
  NirKind(String type, String required, String optional) {
    this.type = type;
    this.required = required;
    this.optional = optional;
  }

  /** Name in files. */
  public String type() {
    return type;
  }

  /** Fields that a node of this kind has. */
  public List<String> required() {
    return List.of(required.split(" "));
  }

  /** All fields that it may have. */
  public List<String> fields() {
    return List.of((required + " " + optional).strip().split(" "));
  }

  /** Whether it has a state, so that a cycle may pass through it. */
  public boolean isNeuron() {
    return switch (this) {
      case I, IF, LI, LIF, CUBA_LI, CUBA_LIF -> true;
      default -> false;
    };
  }

  /** Whether it gives spikes. */
  public boolean spikes() {
    return this == IF || this == LIF || this == CUBA_LIF;
  }

  static Optional<NirKind> of(String type) {
    return Stream.of(values()).filter(kind -> kind.type.equals(type)).findFirst();
  }

  static List<String> types() {
    return Stream.of(values()).map(NirKind::type).toList();
  }
}
