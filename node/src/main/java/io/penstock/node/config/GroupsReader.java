package io.penstock.node.config;

import io.penstock.node.config.NodeConfig.Bounds;
import io.penstock.node.config.NodeConfig.Consumers;
import io.penstock.node.config.NodeConfig.Groups;
import io.penstock.node.config.NodeConfig.Lag;
import io.penstock.node.config.NodeConfig.Migration;
import io.penstock.node.config.NodeConfig.Offsets;
import java.time.Duration;
import java.util.List;

/** Reads the section {@code groups} of {@code penstock.yaml}; for {@link NodeConfigReader}. */
final class GroupsReader {

  private static final String FOREVER = "forever";
  private static final int MEMORY_BYTES_MIN = 1 << 20;
  private static final int METADATA_CHARS_MAX = 32_000;

  private final ConfigSection section;
  private final Groups defaults;

  GroupsReader(ConfigSection section, Groups defaults) {
    this.section = section;
    this.defaults = defaults;
  }

  Groups read() {
    Groups groups =
        new Groups(
            section.duration(
                "initial-rebalance-delay",
                defaults.initialRebalanceDelay(),
                Duration.ZERO,
                Duration.ofMinutes(5)),
            section.integer("members", defaults.members(), 1, Integer.MAX_VALUE),
            sessionTimeout("session-timeout-min", defaults.sessionTimeoutMin()),
            sessionTimeout("session-timeout-max", defaults.sessionTimeoutMax()),
            section.bytes("memory", defaults.memoryBytes(), MEMORY_BYTES_MIN, 1L << 40),
            offsets(),
            lag(),
            consumers());
    if (groups.sessionTimeoutMin().compareTo(groups.sessionTimeoutMax()) > 0) {
      section.wrong(
          "session-timeout-min",
          groups.sessionTimeoutMin().toMillis() + "ms",
          "write at most what `groups.session-timeout-max` is, "
              + groups.sessionTimeoutMax().toMillis()
              + "ms");
    }
    section.finish();
    return groups;
  }

  private Duration sessionTimeout(String key, Duration byDefault) {
    return section.duration(key, byDefault, Duration.ofMillis(1), Duration.ofHours(24));
  }

  private Offsets offsets() {
    Duration retention =
        FOREVER.equals(section.text("offsets-retention"))
            ? Offsets.FOREVER
            : section.duration(
                "offsets-retention",
                defaults.offsets().retention(),
                Duration.ofMinutes(1),
                Duration.ofDays(3_650));
    int metadata =
        section.integer(
            "offset-metadata", defaults.offsets().metadataChars(), 0, METADATA_CHARS_MAX);
    return new Offsets(retention, metadata);
  }

  private Consumers consumers() {
    Consumers byDefault = defaults.consumers();
    List<String> assignors =
        section.list(
            "consumer-assignors",
            name -> byDefault.assignors().contains(name) ? name : null,
            "write some of " + String.join(", ", byDefault.assignors()));
    Duration session = consumerSession("consumer-session-timeout", byDefault.sessionTimeout());
    Duration heartbeat = consumerHeartbeat("consumer-heartbeat", byDefault.heartbeat());
    Consumers consumers =
        new Consumers(
            session,
            heartbeat,
            section.integer("consumer-members", byDefault.members(), 1, Integer.MAX_VALUE),
            assignors.isEmpty() ? byDefault.assignors() : assignors,
            migration(byDefault.migration()),
            bounds(byDefault.bounds(), session, heartbeat));
    if (consumers.heartbeat().multipliedBy(2).compareTo(consumers.sessionTimeout()) > 0) {
      section.wrong(
          "consumer-heartbeat",
          consumers.heartbeat().toMillis() + "ms",
          "write at most half of `groups.consumer-session-timeout`, which is "
              + consumers.sessionTimeout().toMillis()
              + "ms");
    }
    return consumers;
  }

  private Duration consumerSession(String key, Duration byDefault) {
    return section.duration(key, byDefault, Duration.ofSeconds(1), Duration.ofMinutes(30));
  }

  private Duration consumerHeartbeat(String key, Duration byDefault) {
    return section.duration(key, byDefault, Duration.ofMillis(100), Duration.ofMinutes(1));
  }

  /** Who sets the times themselves need not set their bounds. */
  private Bounds bounds(Bounds byDefault, Duration session, Duration heartbeat) {
    Bounds bounds =
        new Bounds(
            consumerSession(
                "consumer-session-timeout-min", least(byDefault.sessionTimeoutMin(), session)),
            consumerSession(
                "consumer-session-timeout-max", most(byDefault.sessionTimeoutMax(), session)),
            consumerHeartbeat("consumer-heartbeat-min", least(byDefault.heartbeatMin(), heartbeat)),
            consumerHeartbeat("consumer-heartbeat-max", most(byDefault.heartbeatMax(), heartbeat)));
    checkBounds(
        "consumer-session-timeout",
        bounds.sessionTimeoutMin(),
        session,
        bounds.sessionTimeoutMax());
    checkBounds("consumer-heartbeat", bounds.heartbeatMin(), heartbeat, bounds.heartbeatMax());
    return bounds;
  }

  private void checkBounds(String key, Duration min, Duration value, Duration max) {
    String is = "what `groups." + key + "` is, " + value.toMillis() + "ms";
    if (min.compareTo(value) > 0) {
      section.wrong(key + "-min", min.toMillis() + "ms", "write at most " + is);
    }
    if (max.compareTo(value) < 0) {
      section.wrong(key + "-max", max.toMillis() + "ms", "write at least " + is);
    }
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration most(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private Migration migration(Migration byDefault) {
    String text = section.text("consumer-migration");
    if (text == null) {
      return byDefault;
    }
    for (Migration each : Migration.values()) {
      if (each.label().equals(text)) {
        return each;
      }
    }
    section.wrong(
        "consumer-migration", text, "write disabled, upgrade, downgrade or bidirectional");
    return byDefault;
  }

  private Lag lag() {
    Duration check =
        section.isOff("lag-check")
            ? Lag.OFF
            : section.duration(
                "lag-check", defaults.lag().check(), Duration.ofSeconds(1), Duration.ofHours(1));
    return new Lag(check, section.integer("lag-gauges", defaults.lag().gauges(), 0, 1_000_000));
  }
}
