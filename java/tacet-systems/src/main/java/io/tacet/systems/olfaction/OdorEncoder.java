package io.tacet.systems.olfaction;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;

/**
 * Responses of receptors to odors by competitive binding (Singh, Tchernookov and Balasubramanian
 * 2021, with full agonists and Hill coefficients of 1): {@code u = S c}, {@code R = u / (1 + u)}.
 * Only the rows of S of the odorants that are present are read. A receptor that nothing binds has a
 * response of exactly 0.
 *
 * <p>Owns its arrays but not the sensitivities; closed by its creator. One thread at a time.
 */
public final class OdorEncoder implements AutoCloseable {
  private final Sensitivities sensitivities;
  private final int batch;
  private final Resources own = new Resources();
  private final EventPropagation propagation;
  private final DeviceArray concentrations;
  private final Events present;
  private final DeviceArray occupancy;

  /**
   * An encoder of several odors at a time.
   *
   * @param batch how many
   */
  public OdorEncoder(Sensitivities sensitivities, int batch) {
    this.sensitivities = sensitivities;
    this.batch = batch;
    try {
      propagation = own.own(EventPropagation.of(sensitivities.byOdorant(), batch));
      int odorants = sensitivities.odorants();
      concentrations = own.own(sensitivities.backend().allocate(DType.FLOAT32, batch, odorants));
      present = own.own(Events.graded(sensitivities.backend(), DType.FLOAT32, batch, odorants));
      occupancy =
          own.own(
              sensitivities.backend().allocate(DType.FLOAT32, batch, sensitivities.receptors()));
    } catch (RuntimeException | Error e) {
      own.close();
      throw e;
    }
  }

  /**
   * Responses in [0, 1), [batch][receptors] row-major.
   *
   * @param odors one for each sample of the batch
   */
  public double[] respond(Odor... odors) {
    if (odors.length != batch) {
      throw new IllegalArgumentException(
          "odors: expected " + batch + ", the batch, got " + odors.length + ".");
    }
    int odorants = sensitivities.odorants();
    float[] dense = new float[batch * odorants];
    for (int b = 0; b < batch; b++) {
      for (int k = 0; k < odors[b].components(); k++) {
        int odorant = odors[b].odorants()[k];
        if (odorant >= odorants) {
          throw new IllegalArgumentException(
              "odors: expected odorants below " + odorants + ", got " + odorant + ".");
        }
        dense[b * odorants + odorant] = (float) odors[b].concentrations()[k];
      }
    }
    present.compact(concentrations.copyFrom(dense));
    propagation.forward(present, occupancy.zero());
    double[] responses = occupancy.toDoubles();
    for (int k = 0; k < responses.length; k++) {
      responses[k] /= 1 + responses[k];
    }
    return responses;
  }

  @Override
  public void close() {
    own.close();
  }
}
