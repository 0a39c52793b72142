package io.tacet.network;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of a network by name, as Java arrays: what a builder draws, what a model file holds,
 * and what layers are made from.
 */
final class Numbers {
  final Map<String, double[]> reals = new LinkedHashMap<>();
  final Map<String, int[]> integers = new LinkedHashMap<>();

  double[] real(String name) {
    double[] values = reals.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "The network has no numbers '" + name + "'; there are " + reals.keySet() + ".");
    }
    return values;
  }

  int[] integer(String name) {
    int[] values = integers.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "The network has no numbers '" + name + "'; there are " + integers.keySet() + ".");
    }
    return values;
  }
}
