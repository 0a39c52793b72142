package io.tacet.nir;

import io.tacet.checkpoint.TypedArray;
import java.util.Objects;

/** What a field of a node, or an entry of metadata, holds. */
public sealed interface NirValue {

  /**
   * Numbers; two are equal that have the same type, shape and elements.
   *
   * @param array of any shape; empty shape: a scalar. Held without a copy
   */
  record Numbers(TypedArray array) implements NirValue {
    @Override
    public boolean equals(Object other) {
      return other instanceof Numbers numbers
          && numbers.array.type() == array.type()
          && numbers.array.shape().equals(array.shape())
          && Objects.deepEquals(numbers.array.array(), array.array());
    }

    @Override
    public int hashCode() {
      return Objects.hash(array.type(), array.shape());
    }

    @Override
    public String toString() {
      return array.type() + " " + array.shape();
    }
  }

  /** Text, such as the padding {@code same}. */
  record Text(String text) implements NirValue {
    @Override
    public String toString() {
      return '"' + text + '"';
    }
  }
}
