package io.tacet.training;

import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.optim.Parameter;
import java.util.List;
import java.util.SplittableRandom;

/** A spiking network with its training and test set. */
final class SpikingTrainee implements Trainee {
  private final Network network;
  private final Loss loss;
  private final RateRegulariser regulariser;
  private final SpikeDataset train;
  private final SpikeDataset test;
  private final int batch;
  private final long seed;
  private final double inputDropout;
  private final Resources resources = new Resources();
  private final Batches trainBatches;
  private final Batches testBatches;
  private final DeviceArray[] kicks;
  private int[] order;

  SpikingTrainee(
      Network network,
      Loss loss,
      RateRegulariser regulariser,
      SpikeDataset train,
      SpikeDataset test,
      int batch,
      long seed,
      double inputDropout) {
    this.network = network;
    this.loss = loss;
    this.regulariser = regulariser;
    this.train = train;
    this.test = test;
    this.batch = batch;
    this.seed = seed;
    this.inputDropout = inputDropout;
    try {
      trainBatches = resources.own(new Batches(network, train));
      testBatches = test == null ? null : resources.own(new Batches(network, test));
      kicks = regulariser.kicks(network);
      if (kicks != null) {
        for (DeviceArray kick : kicks) {
          if (kick != null) {
            resources.own(kick);
          }
        }
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  @Override
  public List<Parameter> parameters() {
    return network.parameters();
  }

  @Override
  public int begin(int epoch) {
    order = SpikeDataset.permutation(train.size(), TrainingLoop.mix(seed, epoch, -1));
    return (train.size() + batch - 1) / batch;
  }

  @Override
  public void batch(int epoch, int number, Tally tally) {
    int from = number * batch;
    SplittableRandom random = new SplittableRandom(TrainingLoop.mix(seed, epoch, number));
    Pass pass =
        trainBatches.load(order, from, Math.min(train.size(), from + batch), inputDropout, random);
    network.zeroGradients();
    pass.forward();
    loss.evaluate(pass);
    if (kicks != null) {
      regulariser.fill(pass, kicks);
    }
    pass.backward(kicks);
    count(pass, trainBatches.labels(), tally);
  }

  /** Adds what a pass gave, events per hidden neuron and sample; returns its predictions. */
  static int[] count(Pass pass, int[] labels, Tally tally) {
    int[] predicted = pass.predicted().toInts();
    tally.predictions(pass.losses().toDoubles(), predicted, labels);
    int layers = pass.network().spec().layers().size();
    for (int k = 0; k + 1 < layers; k++) {
      Spikes spikes = pass.spikes(k);
      long events = 0;
      for (int count : spikes.counts().toInts()) {
        events += count;
      }
      long neurons = pass.network().spec().layers().get(k).neurons();
      tally.events(k, events, neurons * pass.batch());
    }
    return predicted;
  }

  @Override
  public Evaluation test() {
    return test == null ? null : Evaluation.run(testBatches, loss, test.size());
  }

  @Override
  public void write(ModelFileBuilder file) {
    network.write(file);
  }

  @Override
  public void close() {
    resources.close();
  }
}
