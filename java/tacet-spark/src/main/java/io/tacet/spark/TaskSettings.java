package io.tacet.spark;

import java.io.Serializable;

/**
 * What a task needs to know.
 *
 * @param network as JSON
 * @param backend as the user said
 * @param samples number of samples of all workers
 * @param steps of each sequence
 * @param shares of each batch
 * @param batch samples of a batch
 * @param epochs of the training
 * @param rate of learning
 * @param clipNorm most that the norm of gradients may be; 0 for no bound
 * @param seed of initial numbers and of the order of samples
 * @param timeoutSeconds how long a worker waits for another
 * @param checkpointSeconds between checkpoints within an epoch; 0 for none
 * @param fingerprint of settings and data, by which a checkpoint is known
 * @param token by which workers know each other
 * @param setup further settings; null for none
 */
record TaskSettings(
    String network,
    String backend,
    int samples,
    int steps,
    int shares,
    int batch,
    int epochs,
    double rate,
    double clipNorm,
    long seed,
    double timeoutSeconds,
    double checkpointSeconds,
    String fingerprint,
    String token,
    TrainingSetup setup)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Not the token, which is not to get into logs. */
  @Override
  public String toString() {
    return "TaskSettings[" + fingerprint + "]";
  }
}
