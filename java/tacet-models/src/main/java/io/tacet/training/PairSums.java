package io.tacet.training;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums of the numbers of shares 0 .. shares-1, in pairs: share 0 with 1, 2 with 3 and so on, then
 * those sums in pairs. Who holds which shares does not change the order of additions, and so not a
 * bit of the sum. A member of a group holds the shares from one to another, adds what of the tree
 * it can, and keeps at most twice as many arrays as the tree has levels; the {@link Communicator}
 * adds the rest.
 *
 * <p>Not thread-safe. Arrays are used again once a sum has been {@link #clear cleared}.
 */
public final class PairSums {
  private final int shares;
  private final int singles;
  private final int doubles;
  private final List<Node> nodes = new ArrayList<>();
  private final ArrayDeque<Numbers> spare = new ArrayDeque<>();
  private int first = -1;
  private int end;

  /** Null until it is known. */
  private Numbers sum;

  /**
   * What is added up.
   *
   * @param singles numbers of 32 bits
   * @param doubles numbers of 64 bits
   */
  public record Numbers(float[] singles, double[] doubles) {}

  /**
   * A part of both arrays of {@link Numbers}.
   *
   * @param from first of the singles
   * @param to the one after the last
   * @param doublesFrom first of the doubles
   * @param doublesTo the one after the last
   */
  public record Slice(int from, int to, int doublesFrom, int doublesTo) {
    /** Bytes of it. */
    public long bytes() {
      return 4L * (to - from) + 8L * (doublesTo - doublesFrom);
    }
  }

  /**
   * The sum of some shares.
   *
   * @param first the first of them
   * @param width their number, a power of 2 that divides {@code first}
   * @param numbers their sum
   */
  public record Node(int first, int width, Numbers numbers) {}

  /**
   * Nothing, so far.
   *
   * @param shares number of shares in the whole group, at least 1
   * @param singles how many numbers of 32 bits a share has
   * @param doubles how many numbers of 64 bits a share has
   */
  public PairSums(int shares, int singles, int doubles) {
    this.shares = Training.positive("shares", shares);
    this.singles = singles;
    this.doubles = doubles;
  }

  /** Number of shares in the whole group. */
  public int shares() {
    return shares;
  }

  /** How many numbers of 32 bits a share has. */
  public int singles() {
    return singles;
  }

  /** How many numbers of 64 bits a share has. */
  public int doubles() {
    return doubles;
  }

  /** The first share that is in it; -1 before. */
  public int first() {
    return first;
  }

  /** The one after the last share that is in it. */
  public int end() {
    return end;
  }

  /** What has been added up, in the order of shares; the arrays stay these sums'. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * How many shares each node of some shares sums up.
   *
   * @param first the first share
   * @param end the one after the last
   */
  public static List<Integer> widths(int first, int end) {
    List<Integer> widths = new ArrayList<>();
    for (int at = first; at < end; at += widths.get(widths.size() - 1)) {
      int most = Integer.highestOneBit(end - at);
      widths.add(at == 0 ? most : Math.min(most, Integer.lowestOneBit(at)));
    }
    return widths;
  }

  /** Both arrays in full. */
  public Slice all() {
    return new Slice(0, singles, 0, doubles);
  }

  /** The part of both arrays that a member of a group adds up. */
  public Slice slice(int rank, int members) {
    return new Slice(
        cut(singles, rank, members),
        cut(singles, rank + 1, members),
        cut(doubles, rank, members),
        cut(doubles, rank + 1, members));
  }

  private static int cut(int length, int rank, int members) {
    return (int) ((long) length * rank / members);
  }

  /** Arrays of the right lengths to be filled and handed to {@link #add}. */
  public Numbers room() {
    return spare.isEmpty() ? new Numbers(new float[singles], new double[doubles]) : spare.pop();
  }

  /**
   * Adds the next share, which follows the last one.
   *
   * @param share its number
   * @param numbers from {@link #room}; these sums' from now on
   * @throws IllegalArgumentException if it is not the next one
   */
  public void add(int share, Numbers numbers) {
    if (share < 0 || share >= shares || (first >= 0 && share != end)) {
      throw new IllegalArgumentException(
          String.format(
              "share: expected the one after those from %d to %d of %d, got %d.",
              first, end - 1, shares, share));
    }
    first = first < 0 ? share : first;
    end = share + 1;
    nodes.add(new Node(share, 1, numbers));
    Slice all = all();
    while (join(nodes, all)) {
      spare.push(nodes.remove(nodes.size() - 1).numbers);
      Node left = nodes.remove(nodes.size() - 1);
      nodes.add(new Node(left.first, 2 * left.width, left.numbers));
    }
  }

  /** Adds the last of the nodes to the one before, if these are a pair of the tree. */
  private static boolean join(List<Node> nodes, Slice slice) {
    if (nodes.size() < 2) {
      return false;
    }
    Node left = nodes.get(nodes.size() - 2);
    Node right = nodes.get(nodes.size() - 1);
    if (left.width != right.width || left.first % (2 * left.width) != 0) {
      return false;
    }
    add(left.numbers, right.numbers, slice);
    return true;
  }

  /**
   * The sum of all shares, in a part of the arrays: it is left in the arrays of the first node.
   *
   * @param all the nodes of all members in the order of shares; changed
   * @return the arrays of the first
   */
  public static Numbers total(List<Node> all, Slice slice) {
    List<Node> open = new ArrayList<>();
    for (Node node : all) {
      open.add(node);
      while (join(open, slice)) {
        open.remove(open.size() - 1);
        Node left = open.remove(open.size() - 1);
        open.add(new Node(left.first, 2 * left.width, left.numbers));
      }
    }
    // What is left where their number is no power of 2.
    for (int k = open.size() - 2; k >= 0; k--) {
      add(open.get(k).numbers, open.get(k + 1).numbers, slice);
    }
    return open.get(0).numbers;
  }

  private static void add(Numbers sum, Numbers more, Slice slice) {
    for (int i = slice.from; i < slice.to; i++) {
      sum.singles[i] += more.singles[i];
    }
    for (int i = slice.doublesFrom; i < slice.doublesTo; i++) {
      sum.doubles[i] += more.doubles[i];
    }
  }

  /**
   * The sum of all shares, once all are in it: at the only member of a group, or after {@link
   * Communicator#sum(PairSums)}. The arrays stay these sums'.
   *
   * @throws IllegalStateException if some are missing
   */
  public Numbers total() {
    if (sum == null) {
      if (first != 0 || end != shares) {
        throw new IllegalStateException(
            String.format(
                "total: expected all of %d shares, got those from %d to %d.",
                shares, first, end - 1));
      }
      sum = total(nodes, all());
    }
    return sum;
  }

  /**
   * Says that the arrays of the first node hold the sum of all shares of the group: how a {@link
   * Communicator} ends.
   */
  public void complete() {
    sum = nodes.get(0).numbers;
  }

  /** Nothing again; keeps the arrays. */
  public void clear() {
    nodes.forEach(node -> spare.push(node.numbers));
    nodes.clear();
    sum = null;
    first = -1;
    end = 0;
  }

  /**
   * What is to be the same at all members, to compare it.
   *
   * @param other of another member
   * @throws IllegalStateException if it is not
   */
  public void requireAlike(PairSums other) {
    if (other.shares != shares || other.singles != singles || other.doubles != doubles) {
      throw new IllegalStateException(
          "array: expected arrays of one type and length at all members, got "
              + other.describe()
              + " and "
              + describe()
              + ".");
    }
  }

  private String describe() {
    return singles + " and " + doubles + " numbers of " + shares + " shares";
  }
}
