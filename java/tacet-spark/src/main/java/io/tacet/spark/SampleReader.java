package io.tacet.spark;

import io.tacet.network.InputSpec;
import io.tacet.network.NetworkSpec;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads rows as samples of a network: vectors, arrays or arrays of arrays for sequences; arrays of
 * times and of units for events.
 */
final class SampleReader implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Of sequences: columns of features, else of times and units. */
  private final int[] columns;

  private final String[] names;
  private final boolean events;
  private final int channels;

  /** -1 for none. */
  private final int labelColumn;

  private final int classes;

  private SampleReader(
      int[] columns, String[] names, boolean events, int channels, int labelColumn, int classes) {
    this.columns = columns;
    this.names = names;
    this.events = events;
    this.channels = channels;
    this.labelColumn = labelColumn;
    this.classes = classes;
  }

  /**
   * A reader of a network's samples.
   *
   * @param schema of the rows
   * @param label column of classes; null for none
   * @throws IllegalArgumentException if a column is missing or of another type
   */
  static SampleReader of(NetworkSpec spec, StructType schema, TacetParams params, String label) {
    InputSpec input = spec.input();
    if (input instanceof InputSpec.Tokens) {
      throw new IllegalArgumentException(
          "network: expected one of sequences or spikes, got one of tokens.");
    }
    boolean events = !(input instanceof InputSpec.Sequence);
    String[] names =
        events
            ? new String[] {params.getTimesCol(), params.getUnitsCol()}
            : new String[] {params.getFeaturesCol()};
    for (String name : names) {
      DataType type = schema.fields()[column(schema, name)].dataType();
      if (events ? !isNumbers(type) : !isFeatures(type)) {
        throw new IllegalArgumentException(
            name
                + ": expected a column of "
                + (events ? "arrays of numbers" : "vectors, arrays of numbers or arrays of those")
                + ", got "
                + type.catalogString()
                + ".");
      }
    }
    return new SampleReader(
        Arrays.stream(names).mapToInt(name -> column(schema, name)).toArray(),
        names,
        events,
        input.flow().columns(),
        label == null ? -1 : numeric(schema, label),
        spec.outputs());
  }

  /** Index of a column. */
  static int column(StructType schema, String name) {
    List<String> known = List.of(schema.fieldNames());
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          name + ": expected one of the columns " + known + ", got a name of none.");
    }
    return known.indexOf(name);
  }

  /** Index of a column of numbers. */
  static int numeric(StructType schema, String name) {
    int column = column(schema, name);
    DataType type = schema.fields()[column].dataType();
    if (!(type instanceof NumericType)) {
      throw new IllegalArgumentException(
          name + ": expected a column of numbers, got " + type.catalogString() + ".");
    }
    return column;
  }

  private static boolean isNumbers(DataType type) {
    return type instanceof ArrayType array && array.elementType() instanceof NumericType;
  }

  private static boolean isFeatures(DataType type) {
    return type.equals(SQLDataTypes.VectorType())
        || isNumbers(type)
        || (type instanceof ArrayType array && isNumbers(array.elementType()));
  }

  /** Whether samples are events, else sequences. */
  boolean readsEvents() {
    return events;
  }

  /**
   * A row as a sample.
   *
   * @throws IllegalArgumentException if something is null, not finite or of a wrong length
   */
  Sample read(Row row) {
    int label = labelColumn < 0 ? 0 : label(row);
    if (events) {
      double[] times = doubles(row, 0);
      for (double time : times) {
        if (!(time >= 0 && time < Double.POSITIVE_INFINITY)) {
          throw problem(0, "finite times of at least 0 ms", Double.toString(time));
        }
      }
      int[] units = Arrays.stream(doubles(row, 1)).mapToInt(this::channel).toArray();
      if (times.length != units.length) {
        throw problem(1, "as many as " + times.length + " times", units.length + " units");
      }
      return Sample.of(times, units, label);
    }
    return Sample.of(features(row), label);
  }

  private int label(Row row) {
    Object value = row.get(labelColumn);
    double label = value == null ? Double.NaN : ((Number) value).doubleValue();
    if (!(label >= 0 && label < classes && label == Math.rint(label))) {
      throw new IllegalArgumentException(
          row.schema().fieldNames()[labelColumn]
              + ": expected a class from 0 to "
              + (classes - 1)
              + ", the outputs of the network, got "
              + value
              + ".");
    }
    return (int) label;
  }

  private int channel(double unit) {
    if (!(unit >= 0 && unit < channels && unit == Math.rint(unit))) {
      throw problem(1, "channels from 0 to " + (channels - 1), Double.toString(unit));
    }
    return (int) unit;
  }

  private float[] features(Row row) {
    double[] numbers;
    if (row.get(columns[0]) instanceof Vector vector) {
      numbers = vector.toArray();
    } else {
      numbers = doubles(row, 0);
    }
    if (numbers.length == 0 || numbers.length % channels != 0) {
      throw problem(
          0, "a multiple of the " + channels + " channels of the network", numbers.length + "");
    }
    float[] values = new float[numbers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) numbers[i];
      if (!Float.isFinite(values[i])) {
        throw problem(0, "finite numbers", numbers[i] + " as number " + i);
      }
    }
    return values;
  }

  /** The numbers of an array, or of arrays one after the other, each of a step. */
  private double[] doubles(Row row, int place) {
    if (row.isNullAt(columns[place])) {
      throw problem(place, "an array", "null");
    }
    List<?> list = row.getList(columns[place]);
    return list.stream().flatMap(element -> flat(element, place)).mapToDouble(n -> n).toArray();
  }

  private Stream<Double> flat(Object element, int place) {
    if (element instanceof Number number) {
      return Stream.of(number.doubleValue());
    }
    if (element instanceof Seq<?> step) {
      List<?> numbers = CollectionConverters.asJava(step);
      if (numbers.size() != channels) {
        throw problem(place, channels + " numbers at each step", numbers.size() + "");
      }
      return numbers.stream().flatMap(number -> flat(number, place));
    }
    throw problem(place, "numbers", String.valueOf(element));
  }

  private IllegalArgumentException problem(int place, String expected, String got) {
    return new IllegalArgumentException(
        names[place] + ": expected " + expected + ", got " + got + ".");
  }
}
