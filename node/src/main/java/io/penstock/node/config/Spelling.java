package io.penstock.node.config;

import org.jspecify.annotations.Nullable;

/** Finds what a mistyped name was meant to be. Pure. */
public final class Spelling {

  private Spelling() {}

  /** The candidate that is a few keystrokes away from the name, or null where none is near. */
  public static @Nullable String nearest(String name, Iterable<String> candidates) {
    String best = null;
    int bestDistance = Math.max(2, name.length() / 4) + 1;
    for (String candidate : candidates) {
      int distance = distance(plain(name), plain(candidate));
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  private static String plain(String name) {
    return name.toLowerCase(java.util.Locale.ROOT).replace('_', '-').replace('.', '-');
  }

  /** Levenshtein's distance; names are short. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
