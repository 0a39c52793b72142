package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Gradients of the parameters of a {@link LifVariant}, beside those of {@link LayerGradients}; null
 * members are not computed. Each array has the shape of its parameter. Owns its arrays.
 */
public record VariantGradients(
    DeviceArray refractory,
    DeviceArray tauInhibitory,
    DeviceArray tauThreshold,
    DeviceArray thresholdJump,
    DeviceArray tauAdaptation,
    DeviceArray adaptationJump)
    implements AutoCloseable {

  /** The six in declaration order, null where not wanted. */
  public List<DeviceArray> parameters() {
    return Arrays.asList(
        refractory, tauInhibitory, tauThreshold, thresholdJump, tauAdaptation, adaptationJump);
  }

  /** The members that are not null. */
  public List<DeviceArray> arrays() {
    return parameters().stream().filter(Objects::nonNull).toList();
  }

  @Override
  public void close() {
    arrays().forEach(DeviceArray::close);
  }
}
