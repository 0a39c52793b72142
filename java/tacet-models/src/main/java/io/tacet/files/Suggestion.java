package io.tacet.files;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was probably meant by a misspelt one. */
public final class Suggestion {
  /** One edit is forgiven for every this many characters, rounded up. */
  private static final int CHARACTERS_PER_EDIT = 3;

  private Suggestion() {}

  /**
   * The known name nearest to {@code wrong}: the one that fewest edits (a character inserted,
   * removed or replaced, two neighbours exchanged; case does not count) turn it into, else the only
   * one that begins with it. Empty if none is near. The first of several equally near.
   */
  public static Optional<String> nearest(String wrong, Collection<String> known) {
    String nearest = null;
    int fewest = (wrong.length() + CHARACTERS_PER_EDIT - 1) / CHARACTERS_PER_EDIT + 1;
    for (String name : known) {
      // Lengths alone rule out most names, and keep the work small if the wrong one is a novel.
      if (Math.abs(name.length() - wrong.length()) < fewest) {
        int edits = edits(lower(wrong), lower(name));
        // An exchange of every character is no resemblance, however short the names.
        if (edits < fewest && edits < Math.max(wrong.length(), name.length())) {
          fewest = edits;
          nearest = name;
        }
      }
    }
    return nearest != null ? Optional.of(nearest) : onlyContinuation(wrong, known);
  }

  /**
   * The sentence {@code Did you mean "NAME"?} with a space before it, to be put after another
   * sentence; empty text if no name is near.
   */
  public static String sentence(String wrong, Collection<String> known) {
    return nearest(wrong, known).map(name -> " Did you mean \"" + name + "\"?").orElse("");
  }

  private static Optional<String> onlyContinuation(String wrong, Collection<String> known) {
    if (wrong.isEmpty()) {
      return Optional.empty();
    }
    String beginning = lower(wrong);
    List<String> all = known.stream().filter(name -> lower(name).startsWith(beginning)).toList();
    return all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }

  /** Distance of two texts by optimal string alignment. */
  private static int edits(String from, String to) {
    int[] beforeLast = new int[to.length() + 1];
    int[] last = new int[to.length() + 1];
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = last[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
    }
    return row[to.length()];
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
