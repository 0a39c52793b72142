package io.tacet.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The least that one call of an operation must move and compute, from its parameters alone: what
 * any algorithm for the problem needs, not what Tacet's does.
 *
 * @param traffic parts of the memory traffic
 * @param flops additions and multiplications, a fused one counts twice
 * @param steps dependent steps on the whole machine
 */
record Floor(List<Traffic> traffic, double flops, double steps) {
  /**
   * Part of the traffic.
   *
   * @param bytes read and written
   * @param rowBytes length of the pieces that lie in one place; infinity where it is one stream
   * @param within bytes of the memory that the pieces are spread over: it says which cache holds it
   */
  record Traffic(double bytes, double rowBytes, double within) {}

  Floor {
    traffic = List.copyOf(traffic);
  }

  /** Work without traffic, to which traffic is added. */
  static Floor flops(double flops) {
    return new Floor(List.of(), flops, 0);
  }

  /** Adds memory that is streamed. */
  Floor stream(double bytes, double within) {
    return rows(bytes, Double.POSITIVE_INFINITY, within);
  }

  /** Adds rows at random addresses. */
  Floor rows(double bytes, double rowBytes, double within) {
    List<Traffic> all = new ArrayList<>(traffic);
    all.add(new Traffic(bytes, rowBytes, within));
    return new Floor(all, flops, steps);
  }

  /** Adds steps each of which depends on the whole previous one. */
  Floor steps(double count) {
    return new Floor(traffic, flops, steps + count);
  }

  /** Adds the floor of another operation. */
  Floor and(Floor other, double times) {
    List<Traffic> all = new ArrayList<>(traffic);
    other.traffic.forEach(t -> all.add(new Traffic(times * t.bytes(), t.rowBytes(), t.within())));
    return new Floor(all, flops + times * other.flops, steps + times * other.steps);
  }

  double bytes() {
    return traffic.stream().mapToDouble(Traffic::bytes).sum();
  }

  /** Flops per byte; infinity without traffic. */
  double intensity() {
    return flops / bytes();
  }

  /** Distinct rows that at least one of {@code batch} samples has an event in. */
  static double activeRows(double units, double activity, double batch) {
    return units * (1 - Math.pow(1 - activity, batch));
  }
}
