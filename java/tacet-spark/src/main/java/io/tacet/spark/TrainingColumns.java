package io.tacet.spark;

import java.io.Serializable;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.Identifiable;
import scala.Function1;

/** The parameters of {@link TacetTrainingParams}, made for one that has them. */
final class TrainingColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Identifiable parent;
  final Param<String> labelCol;
  final Param<String> orderCol;
  final Param<String> network;
  final Param<String> checkpointDir;
  final IntParam workers;
  final IntParam shares;
  final IntParam batchSize;
  final IntParam epochs;
  final LongParam seed;
  final DoubleParam learningRate;
  final DoubleParam clipNorm;
  final DoubleParam timeout;
  final DoubleParam checkpointSeconds;

  TrainingColumns(Identifiable parent) {
    this.parent = parent;
    labelCol = new Param<>(parent, "labelCol", "column of classes, from 0");
    orderCol =
        new Param<>(
            parent,
            "orderCol",
            "column of whole numbers by which rows are put in order; empty to put them in the order of"
                + " a digest of what is in them");
    network = new Param<>(parent, "network", "the network that is trained, as JSON");
    checkpointDir =
        new Param<>(
            parent,
            "checkpointDir",
            "folder for the state of the training, which every machine can reach, such as on HDFS;"
                + " empty for none");
    workers = integer("workers", "tasks that train, each a core or GPU of its own", 1);
    shares = integer("shares", "shares of a batch, at least as many as workers", 1);
    batchSize = integer("batchSize", "samples of an update", 1);
    epochs = integer("epochs", "passes over all rows", 1);
    seed = new LongParam(parent, "seed", "seed of initial weights, order and dropout");
    learningRate = real("learningRate", "of Adam", ParamValidators.gt(0));
    clipNorm = real("clipNorm", "most that the norm of gradients may be; 0 for all", atLeast(0));
    timeout = real("timeout", "seconds that a worker waits for another one", ParamValidators.gt(0));
    checkpointSeconds =
        real(
            "checkpointSeconds",
            "seconds between checkpoints within an epoch; 0 for one after each epoch",
            atLeast(0));
  }

  /** Sets what holds unless set. */
  void defaults(Params params) {
    params.setDefault(labelCol, "label");
    params.setDefault(orderCol, "");
    params.setDefault(checkpointDir, "");
    params.setDefault(workers, 1);
    params.setDefault(shares, 8);
    params.setDefault(batchSize, 32);
    params.setDefault(epochs, 10);
    params.setDefault(seed, 0L);
    params.setDefault(learningRate, 1e-3);
    params.setDefault(clipNorm, 0.0);
    params.setDefault(timeout, 300.0);
    params.setDefault(checkpointSeconds, 0.0);
  }

  private static Function1<Object, Object> atLeast(double least) {
    return ParamValidators.gtEq(least);
  }

  private IntParam integer(String name, String doc, int least) {
    return new IntParam(parent, name, doc, atLeast(least));
  }

  private DoubleParam real(String name, String doc, Function1<Object, Object> valid) {
    return new DoubleParam(parent, name, doc, valid);
  }
}
