package io.tacet.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The parameters of {@link TacetParams}, made for one that has them. */
final class Columns implements Serializable {
  private static final long serialVersionUID = 1L;

  final Param<String> features;
  final Param<String> times;
  final Param<String> units;
  final Param<String> prediction;
  final Param<String> rawPrediction;
  final Param<String> backend;

  Columns(Identifiable parent) {
    features =
        new Param<>(
            parent,
            "featuresCol",
            "column of sequences: vectors or arrays, step by step, or arrays of the arrays of each step");
    times =
        new Param<>(
            parent, "timesCol", "column of arrays of event times in ms, for networks of spikes");
    units = new Param<>(parent, "unitsCol", "column of arrays of the channels of events");
    prediction = new Param<>(parent, "predictionCol", "column that predicted classes get");
    rawPrediction =
        new Param<>(parent, "rawPredictionCol", "column that the values of the outputs get");
    backend =
        new Param<>(
            parent,
            "backend",
            "backend of tasks: java, cuda, cuda:N or host; auto for the GPU that Spark has given to a"
                + " task, else java");
  }

  /** Sets what holds unless set. */
  void defaults(TacetParams params) {
    params.setDefault(features, "features");
    params.setDefault(times, "times");
    params.setDefault(units, "units");
    params.setDefault(prediction, "prediction");
    params.setDefault(rawPrediction, "rawPrediction");
    params.setDefault(backend, TaskBackend.AUTO);
  }

  /**
   * A schema with the columns of predictions.
   *
   * @throws IllegalArgumentException if there are such columns already
   */
  static StructType predicted(TacetParams params, StructType schema) {
    return add(
        add(schema, params.getRawPredictionCol(), SQLDataTypes.VectorType()),
        params.getPredictionCol(),
        DataTypes.DoubleType);
  }

  private static StructType add(StructType schema, String name, DataType type) {
    if (List.of(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          name + ": expected the name of a new column, got one that there is already.");
    }
    return schema.add(name, type, false);
  }
}
