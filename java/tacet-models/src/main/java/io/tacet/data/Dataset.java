package io.tacet.data;

/**
 * What a network trains on or is measured with: event times ({@link SpikeDataset}), sequences of
 * numbers ({@link SequenceData}) or tokens ({@link Text}).
 */
public interface Dataset {
  /** What reports call the data set. */
  String name();
}
