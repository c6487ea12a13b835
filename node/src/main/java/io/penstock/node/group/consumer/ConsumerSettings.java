package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.ServerAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The limits of groups of the consumer protocol.
 *
 * @param times those of each group, by its name; asked for with each heartbeat
 * @param membersMax how many members a group may have
 * @param assignors those that members may ask for; the first one serves those who do not ask
 * @param topicsMax how many topics a member may name
 * @param memberBytesMax what the descriptions of all members of a group may take together
 * @param migration whether groups may change their protocol while they have members
 */
public record ConsumerSettings(
    Function<String, Times> times,
    int membersMax,
    List<ServerAssignor> assignors,
    int topicsMax,
    long memberBytesMax,
    Migration migration) {

  private static final Times TIMES = new Times(45_000, 5_000);
  private static final int TOPICS_MAX = 10_000;
  private static final long MEMBER_BYTES_MAX = 64 << 20;

  public ConsumerSettings {
    assignors = List.copyOf(assignors);
    if (assignors.isEmpty()) {
      throw new IllegalArgumentException("no assignor");
    }
  }

  /**
   * The times of a group.
   *
   * @param sessionTimeoutMs how long a member may not be heard of
   * @param heartbeatIntervalMs how often members are asked to be heard of
   */
  public record Times(int sessionTimeoutMs, int heartbeatIntervalMs) {}

  /**
   * Whether groups may change their protocol while they have members.
   *
   * @param mayUpgrade to the consumer protocol, with the first member that speaks it
   * @param mayDowngrade to the classic one, without the last member that speaks the other
   * @param classic the limits of the groups that come of that
   */
  public record Migration(boolean mayUpgrade, boolean mayDowngrade, ClassicSettings classic) {}

  /** Kafka's defaults, and bounds that Kafka does not have. */
  public static ConsumerSettings standard(List<ServerAssignor> assignors, ClassicSettings classic) {
    return new ConsumerSettings(
        _ -> TIMES,
        Integer.MAX_VALUE,
        assignors,
        TOPICS_MAX,
        MEMBER_BYTES_MAX,
        new Migration(true, true, classic));
  }

  /** The same, with what an operator may set. */
  public ConsumerSettings limitedBy(
      Function<String, Times> timesOfGroups, int members, Migration allowed) {
    return new ConsumerSettings(
        timesOfGroups, members, assignors, topicsMax, memberBytesMax, allowed);
  }

  /** The assignor of this name, or null. */
  @Nullable ServerAssignor assignor(String name) {
    for (ServerAssignor each : assignors) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    return null;
  }
}
