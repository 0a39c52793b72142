package io.tacet.spark;

import io.tacet.network.batches.Shares;
import org.apache.spark.Partitioner;

/** Brings each sample, by its number, to the worker that computes its share. */
final class SharePartitioner extends Partitioner {
  private static final long serialVersionUID = 1L;

  private final int workers;
  private final int shares;
  private final int samples;
  private final int batch;

  SharePartitioner(int workers, int shares, int samples, int batch) {
    this.workers = workers;
    this.shares = shares;
    this.samples = samples;
    this.batch = batch;
  }

  @Override
  public int numPartitions() {
    return workers;
  }

  @Override
  public int getPartition(Object key) {
    int share = new Shares(shares, 0, shares, true).of((Integer) key, samples, batch);
    for (int worker = 0; worker < workers; worker++) {
      if (share < Shares.of(shares, worker, workers, true).end()) {
        return worker;
      }
    }
    throw new IllegalStateException("Share " + share + " of " + shares + " belongs to a worker.");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SharePartitioner that
        && that.workers == workers
        && that.shares == shares
        && that.samples == samples
        && that.batch == batch;
  }

  @Override
  public int hashCode() {
    return 31 * workers + shares;
  }
}
