package io.tacet.network.batches;

import io.tacet.network.Network;

/** Checks and orders that batches share. */
final class Labels {
  private Labels() {}

  /** Refuses data with more classes than a network has outputs. */
  static void check(Network network, int classes, String data) {
    int outputs = network.spec().outputs();
    if (classes > outputs) {
      throw new IllegalArgumentException(
          "data: the network has "
              + outputs
              + " outputs, but "
              + data
              + " has "
              + classes
              + " classes.");
    }
  }

  /** 0, 1, ... */
  static int[] inOrder(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    return order;
  }
}
