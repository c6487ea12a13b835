package io.penstock.node.config;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations and byte counts as people write them ({@code 7d}, {@code 128MiB}). Only whole numbers,
 * and only binary byte units, so that a value means the same to everyone.
 */
public final class Units {

  private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,18})\\s*([A-Za-z]+)");
  private static final String[] BYTE_UNITS = {"TiB", "GiB", "MiB", "KiB", "B"};
  private static final long[] BYTE_FACTORS = {1L << 40, 1L << 30, 1L << 20, 1L << 10, 1};
  private static final String[] TIME_UNITS = {"d", "h", "m", "s", "ms"};
  private static final long[] TIME_FACTORS = {86_400_000L, 3_600_000L, 60_000L, 1_000L, 1};

  private Units() {}

  /** The number of bytes in {@code 64KiB}, {@code 1GiB}, {@code 512B}; empty where it is none. */
  public static OptionalLong bytes(String text) {
    return quantity(text, BYTE_UNITS, BYTE_FACTORS);
  }

  /** The milliseconds in {@code 250ms}, {@code 30s}, {@code 5m}, {@code 12h}, {@code 7d}. */
  public static OptionalLong millis(String text) {
    return quantity(text, TIME_UNITS, TIME_FACTORS);
  }

  /** The shortest exact way to write so many bytes. */
  public static String printBytes(long bytes) {
    return print(bytes, BYTE_UNITS, BYTE_FACTORS);
  }

  /** The shortest exact way to write a duration. */
  public static String printDuration(Duration duration) {
    return print(duration.toMillis(), TIME_UNITS, TIME_FACTORS);
  }

  /** What to write instead of a byte count that was not understood. */
  static String bytesRemedy(String text) {
    Matcher quantity = QUANTITY.matcher(text.strip());
    if (quantity.matches() && quantity.group(2).length() <= 3) {
      String first = quantity.group(2).substring(0, 1).toUpperCase(Locale.ROOT);
      if ("KMGT".contains(first)) {
        return "write " + quantity.group(1) + first + "iB";
      }
    }
    if (text.strip().matches("[0-9]+")) {
      return "give it a unit: " + text.strip() + "B, or " + text.strip() + "MiB";
    }
    return "write a whole number and B, KiB, MiB, GiB or TiB, for example 128MiB";
  }

  /** What to write instead of a duration that was not understood. */
  static String durationRemedy(String text) {
    if (text.strip().matches("[0-9]+")) {
      return "give it a unit: " + text.strip() + "ms, or " + text.strip() + "s";
    }
    return "write a whole number and ms, s, m, h or d, for example 30s";
  }

  private static OptionalLong quantity(String text, String[] units, long[] factors) {
    Matcher quantity = QUANTITY.matcher(text.strip());
    if (!quantity.matches()) {
      return OptionalLong.empty();
    }
    for (int i = 0; i < units.length; i++) {
      if (units[i].equals(quantity.group(2))) {
        long count = Long.parseLong(quantity.group(1));
        return count > Long.MAX_VALUE / factors[i]
            ? OptionalLong.empty()
            : OptionalLong.of(count * factors[i]);
      }
    }
    return OptionalLong.empty();
  }

  private static String print(long value, String[] units, long[] factors) {
    for (int i = 0; i < units.length; i++) {
      if (value != 0 && value % factors[i] == 0) {
        return value / factors[i] + units[i];
      }
    }
    return value + units[units.length - 1];
  }
}
