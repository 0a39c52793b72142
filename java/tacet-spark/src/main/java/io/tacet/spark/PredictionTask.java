package io.tacet.spark;

import io.tacet.Backend;
import io.tacet.network.Network;
import io.tacet.network.Prediction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/** Adds predictions to the rows of a partition, some hundreds at a time. */
final class PredictionTask implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;
  private static final int ROWS = 512;

  private final Broadcast<byte[]> model;
  private final String backend;
  private final SampleReader reader;

  PredictionTask(Broadcast<byte[]> model, String backend, SampleReader reader) {
    this.model = model;
    this.backend = backend;
    this.reader = reader;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return rows.hasNext() ? new Predicted(rows, open()) : rows;
  }

  private Network open() {
    TaskContext task = TaskContext.get();
    Backend opened = TaskBackend.open(backend, task);
    TaskCompletionListener backendEnds = done -> opened.close();
    task.addTaskCompletionListener(backendEnds);
    try {
      Network network = ModelBytes.network(opened, model.value());
      // Listeners are called last in, first out.
      TaskCompletionListener networkEnds = done -> network.close();
      task.addTaskCompletionListener(networkEnds);
      return network;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Predicts as far as rows are asked for. */
  private final class Predicted implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Network network;
    private final ArrayDeque<Row> ready = new ArrayDeque<>();

    /** The first of the next ones, of another length; null if there is none. */
    private Row left;

    Predicted(Iterator<Row> rows, Network network) {
      this.rows = rows;
      this.network = network;
    }

    @Override
    public boolean hasNext() {
      return !ready.isEmpty() || left != null || rows.hasNext();
    }

    @Override
    public Row next() {
      if (ready.isEmpty()) {
        predict();
      }
      return ready.remove();
    }

    private void predict() {
      List<Row> taken = new ArrayList<>();
      List<Sample> samples = new ArrayList<>();
      while (taken.size() < ROWS && (left != null || rows.hasNext())) {
        Row row = left == null ? rows.next() : left;
        left = null;
        Sample sample = reader.read(row);
        if (!taken.isEmpty() && sample.values().length != samples.get(0).values().length) {
          left = row;
          break;
        }
        taken.add(row);
        samples.add(sample);
      }
      Prediction prediction = network.predict(ShareSamples.of(network.spec(), samples));
      for (int i = 0; i < taken.size(); i++) {
        ready.add(with(taken.get(i), prediction.scores()[i], prediction.classes()[i]));
      }
    }

    private static Row with(Row row, double[] scores, int predicted) {
      Object[] values = new Object[row.length() + 2];
      for (int k = 0; k < row.length(); k++) {
        values[k] = row.get(k);
      }
      values[row.length()] = Vectors.dense(scores);
      values[row.length() + 1] = (double) predicted;
      return RowFactory.create(values);
    }
  }
}
