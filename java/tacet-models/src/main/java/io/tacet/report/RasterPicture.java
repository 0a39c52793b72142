package io.tacet.report;

import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.Spikes;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.training.Passes;
import java.util.Arrays;
import java.util.List;

/** The spikes of a few samples, one of each of the first classes. */
final class RasterPicture {
  private static final int SAMPLES = 3;

  private RasterPicture() {}

  static SpikeRaster of(Network network, SpikeDataset data, List<String> classes) {
    int shown = Math.min(SAMPLES, classes.size());
    int[] samples = new int[shown];
    for (int c = 0; c < shown; c++) {
      int sample = 0;
      while (sample < data.size() - 1 && data.label(sample) != c) {
        sample++;
      }
      samples[c] = sample;
    }
    SpikeRaster raster = new SpikeRaster("Spikes of samples", network.spec().duration());
    Passes.forward(network, data, samples, pass -> draw(raster, pass, data, samples, classes));
    return raster;
  }

  private static void draw(
      SpikeRaster raster, Pass pass, SpikeDataset data, int[] samples, List<String> classes) {
    NetworkSpec spec = pass.network().spec();
    int layers = spec.layers().size();
    raster.group("input", spec.input().flow().columns());
    for (int k = 0; k < layers; k++) {
      if (pass.spikes(k) != null) {
        raster.group(k == layers - 1 ? "output" : "hidden", spec.below(k + 1).columns());
      }
    }
    for (int c = 0; c < samples.length; c++) {
      raster.sample(classes.get(data.label(samples[c])));
      add(raster, 0, pass.inputSpikes(), c);
      for (int k = 0; k < layers; k++) {
        if (pass.spikes(k) != null) {
          add(raster, k + 1, pass.spikes(k), c);
        }
      }
    }
  }

  private static void add(SpikeRaster raster, int group, Spikes spikes, int sample) {
    int from = sample * spikes.capacity();
    int to = from + spikes.counts().toInts()[sample];
    raster.events(
        group,
        Arrays.copyOfRange(spikes.times().toDoubles(), from, to),
        Arrays.copyOfRange(spikes.units().toInts(), from, to));
  }
}
