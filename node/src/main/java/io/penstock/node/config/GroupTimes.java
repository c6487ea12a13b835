package io.penstock.node.config;

import io.penstock.node.config.NodeConfig.Consumers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings that a group of the consumer protocol may have of its own, under Kafka's names: what
 * they may be on this node, and what is in force. A heartbeat is at most half of a session, as in
 * the node's own file, so that a single one that is late ends no session. Pure and immutable.
 */
public record GroupTimes(Time session, Time heartbeat) {

  /**
   * One of them.
   *
   * @param byDefaultMs what is in force where the group says nothing
   * @param whole the time that it is at most half of, whatever the group says; null where there is
   *     none
   */
  public record Time(
      String name,
      int byDefaultMs,
      int minMs,
      int maxMs,
      String documentation,
      @Nullable Time whole) {

    /** The name of the node's setting that is the default. */
    public String nodeName() {
      return "group." + name;
    }

    /**
     * What is in force, within the bounds that this node has by now. They may have come closer
     * since the group was set; then half of the other time counts, even below the least.
     */
    public int inForceMs(Map<String, String> own) {
      int wantedMs = wantedMs(own);
      return whole == null ? wantedMs : Math.min(wantedMs, whole.inForceMs(own) / 2);
    }

    private boolean isTooLong(Map<String, String> own) {
      return inForceMs(own) < wantedMs(own);
    }

    private int wantedMs(Map<String, String> own) {
      String value = own.get(name);
      OptionalLong ms = value == null ? OptionalLong.empty() : number(value);
      return ms.isEmpty() ? byDefaultMs : Math.clamp(ms.getAsLong(), minMs, maxMs);
    }

    private boolean takes(String value) {
      OptionalLong ms = number(value);
      return ms.isPresent() && ms.getAsLong() >= minMs && ms.getAsLong() <= maxMs;
    }

    private static OptionalLong number(String value) {
      try {
        return OptionalLong.of(Long.parseLong(value));
      } catch (NumberFormatException e) {
        return OptionalLong.empty();
      }
    }
  }

  /** Those of a node. */
  public static GroupTimes of(Consumers consumers) {
    NodeConfig.Bounds bounds = consumers.bounds();
    Time session =
        new Time(
            "consumer.session.timeout.ms",
            ms(consumers.sessionTimeout()),
            ms(bounds.sessionTimeoutMin()),
            ms(bounds.sessionTimeoutMax()),
            "After what silence a member of the group is given up.",
            null);
    return new GroupTimes(
        session,
        new Time(
            "consumer.heartbeat.interval.ms",
            ms(consumers.heartbeat()),
            ms(bounds.heartbeatMin()),
            ms(bounds.heartbeatMax()),
            "How often members of the group are to be heard of, and hear of changes.",
            session));
  }

  private static int ms(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  public List<Time> all() {
    return List.of(heartbeat, session);
  }

  /** Everything wrong with these settings of a group, in words; empty where they can be taken. */
  public List<String> problems(Map<String, String> own) {
    List<String> problems = new ArrayList<>();
    new TreeMap<>(own)
        .forEach((name, value) -> {
          Time time = find(name);
          if (time == null) {
            problems.add("Unknown group config name: " + name);
          } else if (!time.takes(value)) {
            String range = "a whole number from " + time.minMs() + " to " + time.maxMs();
            problems.add("Invalid value " + value + " for " + name + ": it has to be " + range);
          }
        });
    if (problems.isEmpty() && heartbeat.isTooLong(own)) {
      problems.add(heartbeat.name() + " has to be at most half of " + session.name());
    }
    return problems;
  }

  private @Nullable Time find(String name) {
    return all().stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
  }
}
