package io.tacet.systems.sernn;

import io.tacet.data.ArraySequences;
import io.tacet.data.SequenceData;
import java.util.SplittableRandom;

/**
 * A choice between two options that depends on a goal shown before (Achterberg et al. 2023): 20
 * steps of one of four goals, 10 steps of nothing, 20 steps of two of the options up, left, right
 * and down; the label is the option that leads to the goal. Who does not remember the goal is right
 * in 5 of the 8 kinds of trials.
 */
public final class ChoiceTask {
  /** Steps of a trial. */
  public static final int STEPS = 50;

  /** Inputs of a step: four goals, then four options. */
  public static final int CHANNELS = 8;

  /** Options. */
  public static final int CLASSES = 4;

  /** Kinds of trials. */
  public static final int KINDS = 8;

  private static final int GOAL_END = 20;
  private static final int CHOICE_BEGIN = 30;
  private static final int UP = 0;
  private static final int LEFT = 1;
  private static final int RIGHT = 2;
  private static final int DOWN = 3;

  /** Goal, option, other option and label of each kind. */
  private static final int[][] TRIALS = {
    {1, UP, LEFT, UP},
    {1, RIGHT, DOWN, RIGHT},
    {3, LEFT, DOWN, DOWN},
    {2, RIGHT, DOWN, DOWN},
    {2, UP, LEFT, LEFT},
    {0, UP, RIGHT, UP},
    {3, LEFT, RIGHT, RIGHT},
    {0, LEFT, RIGHT, LEFT}
  };

  private ChoiceTask() {}

  /**
   * Trials of kinds that are drawn uniformly.
   *
   * @param count at least 1
   * @param seed of the draws
   */
  public static SequenceData trials(int count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("count: expected at least 1, got " + count + ".");
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[] kinds = new int[count];
    for (int k = 0; k < count; k++) {
      kinds[k] = random.nextInt(KINDS);
    }
    return of("choices", kinds);
  }

  /**
   * A trial of each kind. Without noise all trials of a kind are the same, so that this is what
   * more trials would measure.
   */
  public static SequenceData eachKind() {
    return of("choices of each kind", new int[] {0, 1, 2, 3, 4, 5, 6, 7});
  }

  private static SequenceData of(String name, int[] kinds) {
    float[] values = new float[kinds.length * STEPS * CHANNELS];
    int[] labels = new int[kinds.length];
    for (int k = 0; k < kinds.length; k++) {
      int[] trial = TRIALS[kinds[k]];
      for (int t = 0; t < STEPS; t++) {
        int at = (k * STEPS + t) * CHANNELS;
        if (t < GOAL_END) {
          values[at + trial[0]] = 1;
        } else if (t >= CHOICE_BEGIN) {
          values[at + 4 + trial[1]] = 1;
          values[at + 4 + trial[2]] = 1;
        }
      }
      labels[k] = trial[3];
    }
    return ArraySequences.of(name, values, STEPS, CHANNELS, labels, CLASSES);
  }
}
