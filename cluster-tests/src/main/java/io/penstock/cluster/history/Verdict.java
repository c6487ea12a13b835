package io.penstock.cluster.history;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a {@link HistoryChecker} found.
 *
 * @param acked how many records were acknowledged
 * @param present how many records the logs have
 */
public record Verdict(List<Violation> violations, long acked, long present) {
  private static final int SHOWN_MAX = 20;

  public Verdict {
    violations = List.copyOf(violations);
  }

  public boolean isClean() {
    return violations.isEmpty();
  }

  /** How many violations there are of a kind. */
  public long count(Violation.Kind kind) {
    return violations.stream().filter(one -> one.kind() == kind).count();
  }

  /** Fails with the first violations of each kind, if there are any. */
  public void requireClean(String where) {
    if (!isClean()) {
      String shown =
          violations.stream()
              .limit(SHOWN_MAX)
              .map(Violation::toString)
              .collect(Collectors.joining("\n  "));
      throw new AssertionError(where + ": " + this + "\n  " + shown);
    }
  }

  @Override
  public String toString() {
    Map<Violation.Kind, Long> counts = new EnumMap<>(Violation.Kind.class);
    for (Violation.Kind kind : Violation.Kind.values()) {
      counts.put(kind, count(kind));
    }
    String kinds =
        counts.entrySet().stream()
            .map(one ->
                one.getValue()
                    + " "
                    + one.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '))
            .collect(Collectors.joining(", "));
    return acked + " acknowledged, " + present + " present; " + kinds;
  }
}
