package io.penstock.node.group.assign;

import java.util.Comparator;
import java.util.List;

/**
 * The order in which members are served, so that it does not matter in which order they are given:
 * static members by their instance ids, which outlive their member ids, then dynamic ones. As the
 * assignors of Kafka's clients do it. Stateless.
 */
final class MemberOrder {

  private static final Comparator<MemberSpec> BY_INSTANCE =
      Comparator.comparing(
          MemberSpec::instanceId, Comparator.nullsLast(Comparator.<String>naturalOrder()));

  /** Two members are never equal in it. */
  static final Comparator<MemberSpec> COMPARATOR = BY_INSTANCE.thenComparing(MemberSpec::memberId);

  private MemberOrder() {}

  static List<MemberSpec> sorted(List<MemberSpec> members) {
    return members.stream().sorted(COMPARATOR).toList();
  }
}
