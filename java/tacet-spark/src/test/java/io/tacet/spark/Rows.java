package io.tacet.spark;

import io.tacet.data.ArraySequences;
import io.tacet.data.Dataset;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Small data sets as DataFrames and as Tacet has them. */
final class Rows {
  static final int STEPS = 10;
  static final int CHANNELS = 2;
  static final int CLASSES = 3;

  private Rows() {}

  /** How features are laid out. */
  enum Layout {
    VECTOR,
    FLOATS,
    STEPS
  }

  /** Event-gated units over sequences, with sparse connections. */
  static NetworkSpec sequences() {
    return NetworkSpec.builder()
        .sequence(CHANNELS)
        .egru(12, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.sparse(0.25))
        .readout(CLASSES)
        .spec();
  }

  /** Spiking neurons. */
  static NetworkSpec spikes() {
    return NetworkSpec.builder()
        .duration(40)
        .spikes(Sequences.SOURCES)
        .lif(11, Lif.tau(20, 5), Weights.normal(7, 2))
        .readout(Sequences.CLASSES, 20, 5, Weights.normal(0.2, 0.1), Reduction.MAX)
        .spec();
  }

  /** Event-gated units over binned events. */
  static NetworkSpec bins() {
    return NetworkSpec.builder()
        .duration(40)
        .spikes(Sequences.SOURCES)
        .bin(13)
        .egru(9, Egru.defaults().thresholds(0.1))
        .readout(Sequences.CLASSES)
        .spec();
  }

  /** Sines of three frequencies with noise. */
  static ArraySequences sines(int samples) {
    SplittableRandom random = new SplittableRandom(7);
    float[] values = new float[samples * STEPS * CHANNELS];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = random.nextInt(CLASSES);
      double phase = random.nextDouble(2 * Math.PI);
      for (int t = 0; t < STEPS; t++) {
        for (int c = 0; c < CHANNELS; c++) {
          values[(i * STEPS + t) * CHANNELS + c] =
              (float)
                  (Math.sin(phase + c + (0.4 + 0.5 * labels[i]) * t) + 0.3 * random.nextDouble());
        }
      }
    }
    return ArraySequences.of("sines", values, STEPS, CHANNELS, labels, CLASSES);
  }

  /** Rows of sequences in a random order, with their numbers as {@code id}. */
  static org.apache.spark.sql.Dataset<Row> of(
      SparkSession spark, ArraySequences data, Layout layout) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      float[] values = new float[STEPS * CHANNELS];
      data.fill(i, values, 1, 0);
      rows.add(RowFactory.create((long) i, (double) data.label(i), features(values, layout)));
    }
    Collections.shuffle(rows, new Random(5));
    StructType schema =
        new StructType()
            .add("id", DataTypes.LongType)
            .add("label", DataTypes.DoubleType)
            .add(
                "features",
                switch (layout) {
                  case VECTOR -> SQLDataTypes.VectorType();
                  case FLOATS -> DataTypes.createArrayType(DataTypes.FloatType);
                  case STEPS ->
                      DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType));
                });
    return spark.createDataFrame(rows, schema);
  }

  private static Object features(float[] values, Layout layout) {
    List<Float> all = new ArrayList<>();
    double[] wide = new double[values.length];
    for (int k = 0; k < values.length; k++) {
      all.add(values[k]);
      wide[k] = values[k];
    }
    return switch (layout) {
      case VECTOR -> Vectors.dense(wide);
      case FLOATS -> all.toArray();
      case STEPS -> {
        Object[] steps = new Object[STEPS];
        for (int t = 0; t < STEPS; t++) {
          steps[t] = all.subList(t * CHANNELS, (t + 1) * CHANNELS).toArray();
        }
        yield steps;
      }
    };
  }

  /** Rows of events. */
  static org.apache.spark.sql.Dataset<Row> of(SparkSession spark, SpikeDataset data) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      List<Double> times = new ArrayList<>();
      List<Integer> units = new ArrayList<>();
      for (int e = data.begin(i); e < data.end(i); e++) {
        times.add(data.time(e));
        units.add(data.source(e));
      }
      rows.add(RowFactory.create(i, data.label(i), times.toArray(), units.toArray()));
    }
    Collections.shuffle(rows, new Random(5));
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType)
            .add("label", DataTypes.IntegerType)
            .add("times", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("units", DataTypes.createArrayType(DataTypes.IntegerType));
    return spark.createDataFrame(rows, schema);
  }

  /** Rows of either kind of data. */
  static org.apache.spark.sql.Dataset<Row> of(SparkSession spark, Dataset data) {
    return data instanceof SpikeDataset events
        ? of(spark, events)
        : of(spark, (ArraySequences) data, Layout.VECTOR);
  }
}
