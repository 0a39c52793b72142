package io.tacet.reference;

import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of one of the replicas of a call: copies, since arrays on the Java heap have no
 * parts. What was computed is copied back by {@link #store}.
 */
final class EgruParts implements AutoCloseable {
  private final int replicas;
  private final int replica;
  private final Resources copies = new Resources();
  private final List<Runnable> results = new ArrayList<>();

  EgruParts(int replicas, int replica) {
    this.replicas = replicas;
    this.replica = replica;
  }

  EgruLayer of(EgruLayer all) {
    long units = all.units();
    return new EgruLayer(
        part(all.recurrent(), units, 3 * units),
        part(all.inputBias()),
        part(all.recurrentBias()),
        part(all.thresholds()),
        all.options());
  }

  EgruInputs of(EgruInputs all) {
    return new EgruInputs(
        part(all.currents(), all.steps(), all.batch(), 3L * all.units()),
        part(all.lengths()),
        of(all.initial()),
        all.training(),
        seed(all),
        all.reversed(),
        all.activity());
  }

  private long seed(EgruInputs all) {
    if (all.seeds() == null) {
      return all.seed();
    }
    int[] words = (int[]) all.seeds().storage().heap();
    return (long) words[2 * replica + 1] << 32 | Integer.toUnsignedLong(words[2 * replica]);
  }

  private EgruState of(EgruState all) {
    return all == null ? null : new EgruState(part(all.y()), part(all.h()));
  }

  EgruOutputs of(EgruOutputs all) {
    return new EgruOutputs(
        result(all.y()), result(all.trace()), result(all.last()), result(all.counts()));
  }

  /** Read and written. */
  EgruTape of(EgruTape all) {
    return new EgruTape(
        result(all.h()),
        result(all.z()),
        result(all.r()),
        result(all.g()),
        result(all.q()),
        result(all.events()));
  }

  EgruErrors of(EgruErrors all) {
    return new EgruErrors(part(all.y()), part(all.trace()), of(all.last()), part(all.rate()));
  }

  EgruGradients of(EgruGradients all) {
    return new EgruGradients(
        result(all.currents()),
        result(all.recurrent()),
        result(all.inputBias()),
        result(all.recurrentBias()),
        result(all.thresholds()),
        result(all.initial()));
  }

  private DeviceArray part(DeviceArray all) {
    return all == null ? null : part(all, all.length() / replicas);
  }

  private DeviceArray part(DeviceArray all, long... shape) {
    DeviceArray own = copies.own(all.backend().allocate(all.type(), shape));
    int length = (int) own.length();
    System.arraycopy(all.storage().heap(), replica * length, own.storage().heap(), 0, length);
    return own;
  }

  private EgruState result(EgruState all) {
    return all == null ? null : new EgruState(result(all.y()), result(all.h()));
  }

  DeviceArray result(DeviceArray all) {
    if (all == null) {
      return null;
    }
    DeviceArray own = part(all);
    int length = (int) own.length();
    results.add(
        () ->
            System.arraycopy(
                own.storage().heap(), 0, all.storage().heap(), replica * length, length));
    return own;
  }

  /** Copies what was computed to the arrays of all. */
  void store() {
    results.forEach(Runnable::run);
  }

  @Override
  public void close() {
    copies.close();
  }
}
