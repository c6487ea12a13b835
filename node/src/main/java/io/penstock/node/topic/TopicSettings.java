package io.penstock.node.topic;

import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.log.LogSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings in force for one topic: its own, then the node's defaults, then the table's. Values
 * were checked when they were set; one that no longer passes falls back to the next layer, so that
 * a stored value can never keep a partition from opening. Immutable.
 */
public final class TopicSettings {

  private final Map<String, String> own;
  private final Map<String, String> nodeDefaults;

  public TopicSettings(Map<String, String> own, Map<String, String> nodeDefaults) {
    this.own = own;
    this.nodeDefaults = nodeDefaults;
  }

  public String value(TopicConfig config) {
    String set = usable(config, own.get(config.name()));
    return set != null ? set : inherited(config);
  }

  /** What the topic would have if it set nothing itself. */
  public String inherited(TopicConfig config) {
    String set = usable(config, nodeDefaults.get(config.name()));
    return set != null ? set : config.byDefault();
  }

  public boolean isOwn(TopicConfig config) {
    return usable(config, own.get(config.name())) != null;
  }

  public boolean isNodeDefault(TopicConfig config) {
    return usable(config, nodeDefaults.get(config.name())) != null;
  }

  public int minInsyncReplicas() {
    return integer("min.insync.replicas");
  }

  public LogSettings forLog() {
    List<String> policies = Refusals.items(value("cleanup.policy"));
    return new LogSettings(
        integer("segment.bytes"),
        number("segment.ms"),
        number("segment.jitter.ms"),
        integer("segment.index.bytes"),
        integer("index.interval.bytes"),
        number("retention.ms"),
        number("retention.bytes"),
        number("flush.messages"),
        number("flush.ms"),
        integer("max.message.bytes"),
        value("message.timestamp.type").equals("LogAppendTime"),
        number("message.timestamp.before.max.ms"),
        number("message.timestamp.after.max.ms"),
        number("file.delete.delay.ms"),
        flag("preallocate"),
        policies.contains("delete"),
        policies.contains("compact"),
        new CompactionSettings(
            Double.parseDouble(value("min.cleanable.dirty.ratio")),
            number("min.compaction.lag.ms"),
            number("max.compaction.lag.ms"),
            number("delete.retention.ms")));
  }

  private String value(String name) {
    TopicConfig config = TopicConfigs.find(name);
    if (config == null) {
      throw new IllegalArgumentException("no topic setting " + name);
    }
    return value(config);
  }

  private long number(String name) {
    return Long.parseLong(value(name));
  }

  private int integer(String name) {
    return Integer.parseInt(value(name));
  }

  private boolean flag(String name) {
    return Boolean.parseBoolean(value(name));
  }

  private static @Nullable String usable(TopicConfig config, @Nullable String value) {
    return value == null || config.problemWith(value) != null ? null : value.strip();
  }
}
