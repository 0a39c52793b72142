package io.tacet.nir;

import io.tacet.checkpoint.TypedArray;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A node of a graph: its kind and its parameters. Immutable; arrays are held without a copy.
 *
 * @param kind what it computes
 * @param fields parameters by the names that files use
 * @param metadata what others may know of it; nothing depends on it
 */
public record NirNode(NirKind kind, Map<String, NirValue> fields, Map<String, NirValue> metadata) {

  /** Copies the maps; {@link NirGraph} checks what they hold. */
  public NirNode {
    fields = Collections.unmodifiableMap(new TreeMap<>(fields));
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /** Starts a node of a kind. */
  public static Builder of(NirKind kind) {
    return new Builder(kind);
  }

  /** Where data of that shape enter. */
  public static NirNode input(int... shape) {
    return of(NirKind.INPUT).numbers("shape", shape).build();
  }

  /** Where data of that shape leave. */
  public static NirNode output(int... shape) {
    return of(NirKind.OUTPUT).numbers("shape", shape).build();
  }

  /** Whether it has a field. */
  public boolean has(String field) {
    return fields.containsKey(field);
  }

  /**
   * The numbers of a field.
   *
   * @throws IllegalArgumentException if it has no such field, or one of text
   */
  public TypedArray array(String field) {
    if (fields.get(field) instanceof NirValue.Numbers numbers) {
      return numbers.array();
    }
    throw new IllegalArgumentException(
        field
            + ": expected a field of numbers among "
            + fields.keySet()
            + " of "
            + kind.type()
            + ".");
  }

  /** The numbers of a field in row-major order. */
  public double[] reals(String field) {
    return array(field).doubles();
  }

  /** The whole numbers of a field. */
  int[] integers(String field) {
    TypedArray array = array(field);
    int[] values = new int[array.length()];
    Arrays.setAll(values, k -> (int) array.real(k));
    return values;
  }

  /** Collects the fields of a node. */
  public static final class Builder {
    private final NirKind kind;
    private final Map<String, NirValue> fields = new LinkedHashMap<>();
    private final Map<String, NirValue> metadata = new LinkedHashMap<>();

    private Builder(NirKind kind) {
      this.kind = kind;
    }

    /** A field of one dimension in double precision. */
    public Builder numbers(String field, double... values) {
      return numbers(field, TypedArray.of(values));
    }

    /** A field of whole numbers, such as a shape. */
    public Builder numbers(String field, int... values) {
      return numbers(field, TypedArray.of(Arrays.stream(values).asLongStream().toArray()));
    }

    /** A field of any type and shape. */
    public Builder numbers(String field, TypedArray values) {
      fields.put(field, new NirValue.Numbers(values));
      return this;
    }

    /** A field of text. */
    public Builder text(String field, String text) {
      fields.put(field, new NirValue.Text(text));
      return this;
    }

    /** An entry of metadata. */
    public Builder metadata(String key, NirValue value) {
      metadata.put(key, value);
      return this;
    }

    /** The node. */
    public NirNode build() {
      return new NirNode(kind, fields, metadata);
    }
  }
}
