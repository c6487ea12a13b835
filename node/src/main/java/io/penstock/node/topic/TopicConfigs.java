package io.penstock.node.topic;

import static io.penstock.node.topic.Refusals.NONE;
import static io.penstock.node.topic.Refusals.atLeast;
import static io.penstock.node.topic.Refusals.between;
import static io.penstock.node.topic.Refusals.both;
import static io.penstock.node.topic.Refusals.fraction;
import static io.penstock.node.topic.Refusals.listOf;
import static io.penstock.node.topic.Refusals.oneOf;
import static io.penstock.node.topic.Refusals.only;

import io.penstock.node.topic.TopicConfig.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The table of topic settings: all that a Kafka 4.4 broker knows, with Kafka's names, types and
 * ranges. Where a default differs from Kafka's, the entry says why. Pure, made once.
 */
public final class TopicConfigs {

  private static final String FOREVER = Long.toString(Long.MAX_VALUE);
  private static final Refusal RE_ENCODING =
      both(
          oneOf("producer", "uncompressed", "zstd", "lz4", "snappy", "gzip"),
          only(
              "producer",
              "this broker stores batches as they come and never re-encodes them: leave it at"
                  + " `producer` and set compression.type on the producer"));
  private static final Refusal CLEANUP = listOf("compact", "delete");
  private static final Refusal THROTTLED =
      only("", "throttled replication is not available in this version: leave it empty");

  private static final Map<String, TopicConfig> TABLE = table();

  private TopicConfigs() {}

  public static @Nullable TopicConfig find(String name) {
    return TABLE.get(name);
  }

  public static SortedSet<String> names() {
    return new TreeSet<>(TABLE.keySet());
  }

  /** All settings, by name. */
  public static List<TopicConfig> all() {
    return List.copyOf(TABLE.values());
  }

  /** Everything wrong with these settings of a topic, in words; empty where they can be taken. */
  public static List<String> problems(Map<String, String> configs) {
    List<String> problems = new ArrayList<>();
    for (Map.Entry<String, String> entry : new TreeMap<>(configs).entrySet()) {
      TopicConfig config = TABLE.get(entry.getKey());
      if (config == null) {
        problems.add("Unknown topic config name: " + entry.getKey());
        continue;
      }
      String problem = config.problemWith(entry.getValue());
      if (problem != null) {
        problems.add(
            "Invalid value " + entry.getValue() + " for " + config.name() + ": " + problem);
      }
    }
    if (problems.isEmpty()) {
      problems.addAll(problemsTogether(configs));
    }
    return problems;
  }

  /** What is wrong with values that are fine one by one. */
  public static List<String> problemsTogether(Map<String, String> configs) {
    List<String> problems = new ArrayList<>();
    long minLag = Long.parseLong(valueOf(configs, "min.compaction.lag.ms"));
    long maxLag = Long.parseLong(valueOf(configs, "max.compaction.lag.ms"));
    if (minLag > maxLag) {
      problems.add("min.compaction.lag.ms must not be above max.compaction.lag.ms");
    }
    return problems;
  }

  private static String valueOf(Map<String, String> configs, String name) {
    String value = configs.get(name);
    if (value != null) {
      return value.strip();
    }
    TopicConfig config = TABLE.get(name);
    return config == null ? "" : config.byDefault();
  }

  private static Map<String, TopicConfig> table() {
    Map<String, TopicConfig> table = new TreeMap<>();
    addSegments(table);
    addFlush(table);
    addRetention(table);
    addRecords(table);
    addCompression(table);
    addTimestamps(table);
    addReplication(table);
    addCompaction(table);
    addRemote(table);
    return table;
  }

  private static void addSegments(Map<String, TopicConfig> table) {
    add(table, "segment.bytes", ConfigType.INT, "1073741824", atLeast(1 << 20), "log.segment.bytes")
        .says("The size at which the active segment file of a partition is rolled.");
    add(
            table,
            "segment.ms",
            ConfigType.LONG,
            "604800000",
            atLeast(1),
            "log.roll.ms",
            "log.roll.hours")
        .says("The age at which the active segment is rolled even if it is not full.");
    add(
            table,
            "segment.jitter.ms",
            ConfigType.LONG,
            "0",
            atLeast(0),
            "log.roll.jitter.ms",
            "log.roll.jitter.hours")
        .says("The most that is taken off segment.ms at random, so that not all roll together.");
    add(
            table,
            "segment.index.bytes",
            ConfigType.INT,
            "10485760",
            atLeast(4),
            "log.index.size.max.bytes")
        .says("The largest size of a segment's index files.");
    add(
            table,
            "index.interval.bytes",
            ConfigType.INT,
            "4096",
            atLeast(0),
            "log.index.interval.bytes")
        .says("About how many bytes of records lie between two entries of an index.");
  }

  private static void addFlush(Map<String, TopicConfig> table) {
    // Kafka's default is false: here preallocation saves a quarter to a third of the ingest CPU.
    add(table, "preallocate", ConfigType.BOOLEAN, "true", NONE, "log.preallocate")
        .says("Whether disk space for the active segment is reserved ahead of the records.");
    add(
            table,
            "flush.messages",
            ConfigType.LONG,
            FOREVER,
            atLeast(1),
            "log.flush.interval.messages")
        .says("The number of records after which a partition's log is flushed to disk.");
    add(
            table,
            "flush.ms",
            ConfigType.LONG,
            FOREVER,
            atLeast(0),
            "log.flush.interval.ms",
            "log.flush.scheduler.interval.ms")
        .says("The time after which a partition's log is flushed to disk.");
    add(
            table,
            "file.delete.delay.ms",
            ConfigType.LONG,
            "60000",
            atLeast(0),
            "log.segment.delete.delay.ms")
        .says("How long a removed segment file stays on disk.");
  }

  private static void addRetention(Map<String, TopicConfig> table) {
    add(table, "cleanup.policy", ConfigType.LIST, "delete", CLEANUP, "log.cleanup.policy")
        .says(
            "What is done with old records: `delete` removes them by age and size, `compact` those"
                + " that a later one of the same key has overwritten; both may be set, and empty"
                + " keeps everything.");
    add(
            table,
            "retention.ms",
            ConfigType.LONG,
            "604800000",
            atLeast(-1),
            "log.retention.ms",
            "log.retention.minutes",
            "log.retention.hours")
        .says("How long records are kept; -1 keeps them whatever their age.");
    add(table, "retention.bytes", ConfigType.LONG, "-1", NONE, "log.retention.bytes")
        .says("The size above which a partition loses its oldest segments; -1 sets no limit.");
  }

  private static void addRecords(Map<String, TopicConfig> table) {
    add(table, "max.message.bytes", ConfigType.INT, "1048588", atLeast(0), "message.max.bytes")
        .says("The largest batch of records that is taken, as it is on the wire.");
    add(
            table,
            "max.decompressed.message.bytes",
            ConfigType.INT,
            "2147483639",
            both(
                between(1, 2_147_483_639),
                only(
                    "2147483639",
                    "this broker never decompresses records, so it cannot limit their size")),
            "max.decompressed.message.bytes")
        .says("The largest record after decompression.");
  }

  private static void addCompression(Map<String, TopicConfig> table) {
    add(table, "compression.type", ConfigType.STRING, "producer", RE_ENCODING, "compression.type")
        .says("The codec that records are stored with; `producer` keeps what the producer chose.");
    add(
            table,
            "compression.gzip.level",
            ConfigType.INT,
            "-1",
            value -> value.equals("-1") ? null : between(1, 9).of(value),
            "compression.gzip.level")
        .says("Of no effect, since records are stored as they come.");
    add(
            table,
            "compression.lz4.level",
            ConfigType.INT,
            "9",
            between(1, 17),
            "compression.lz4.level")
        .says("Of no effect, since records are stored as they come.");
    add(
            table,
            "compression.zstd.level",
            ConfigType.INT,
            "3",
            between(-131_072, 22),
            "compression.zstd.level")
        .says("Of no effect, since records are stored as they come.");
  }

  private static void addTimestamps(Map<String, TopicConfig> table) {
    add(
            table,
            "message.timestamp.type",
            ConfigType.STRING,
            "CreateTime",
            oneOf("CreateTime", "LogAppendTime"),
            "log.message.timestamp.type")
        .says("Whether a record's time is the producer's, or that of its arrival here.");
    add(
            table,
            "message.timestamp.before.max.ms",
            ConfigType.LONG,
            FOREVER,
            atLeast(0),
            "log.message.timestamp.before.max.ms")
        .says("How far in the past a producer's timestamp may lie.");
    add(
            table,
            "message.timestamp.after.max.ms",
            ConfigType.LONG,
            "3600000",
            atLeast(0),
            "log.message.timestamp.after.max.ms")
        .says("How far in the future a producer's timestamp may lie.");
  }

  private static void addReplication(Map<String, TopicConfig> table) {
    add(table, "min.insync.replicas", ConfigType.INT, "1", atLeast(1), "min.insync.replicas")
        .says("How many replicas must be in sync for a write with acks=all to be taken.");
    add(
            table,
            "unclean.leader.election.enable",
            ConfigType.BOOLEAN,
            "false",
            only("false", "a leader that would lose records is elected only by a command"),
            "unclean.leader.election.enable")
        .says("Whether a replica that is not in sync may become leader by itself.");
    add(table, "leader.replication.throttled.replicas", ConfigType.LIST, "", THROTTLED)
        .says("Replicas whose replication is throttled at the leader.");
    add(table, "follower.replication.throttled.replicas", ConfigType.LIST, "", THROTTLED)
        .says("Replicas whose replication is throttled at the follower.");
  }

  private static void addCompaction(Map<String, TopicConfig> table) {
    add(
            table,
            "delete.retention.ms",
            ConfigType.LONG,
            "86400000",
            atLeast(0),
            "log.cleaner.delete.retention.ms")
        .says("How long tombstones are kept in a compacted topic.");
    add(
            table,
            "min.compaction.lag.ms",
            ConfigType.LONG,
            "0",
            atLeast(0),
            "log.cleaner.min.compaction.lag.ms")
        .says("The least time that a record of a compacted topic stays as it was written.");
    add(
            table,
            "max.compaction.lag.ms",
            ConfigType.LONG,
            FOREVER,
            atLeast(1),
            "log.cleaner.max.compaction.lag.ms")
        .says("The most time that a record of a compacted topic stays as it was written.");
    add(
            table,
            "min.cleanable.dirty.ratio",
            ConfigType.DOUBLE,
            "0.5",
            fraction(),
            "log.cleaner.min.cleanable.ratio")
        .says("The part of a compacted log that has to be new before it is compacted again.");
  }

  private static void addRemote(Map<String, TopicConfig> table) {
    add(
            table,
            "remote.storage.enable",
            ConfigType.BOOLEAN,
            "false",
            only("false", "tiered storage is not available in this version"))
        .says("Whether segments are moved to remote storage.");
    add(table, "remote.log.copy.disable", ConfigType.BOOLEAN, "false", NONE)
        .says("Whether tiered data becomes read-only.");
    add(table, "remote.log.delete.on.disable", ConfigType.BOOLEAN, "false", NONE)
        .says("Whether tiered data is deleted when tiered storage is switched off.");
    add(table, "remote.copy.lag.ms", ConfigType.LONG, "0", atLeast(-1), "log.remote.copy.lag.ms")
        .says("The age from which a segment is moved to remote storage.");
    add(
            table,
            "remote.copy.lag.bytes",
            ConfigType.LONG,
            "-1",
            atLeast(-1),
            "log.remote.copy.lag.bytes")
        .says("The bytes behind a segment from which it is moved to remote storage.");
    add(table, "local.retention.ms", ConfigType.LONG, "-2", atLeast(-2), "log.local.retention.ms")
        .says("How long tiered segments stay here; -2 means as long as retention.ms.");
    add(
            table,
            "local.retention.bytes",
            ConfigType.LONG,
            "-2",
            atLeast(-2),
            "log.local.retention.bytes")
        .says("How many bytes of a tiered partition stay here; -2 means retention.bytes.");
    add(
            table,
            "errors.deadletterqueue.group.enable",
            ConfigType.BOOLEAN,
            "false",
            only("false", "share groups are not available in this version"))
        .says("Whether share groups may write what they cannot deliver to this topic.");
  }

  private static Entry add(
      Map<String, TopicConfig> table,
      String name,
      ConfigType type,
      String byDefault,
      Refusal refusal,
      String... nodeNames) {
    return text ->
        table.put(name, new TopicConfig(name, type, byDefault, List.of(nodeNames), refusal, text));
  }

  /** An entry that only its sentence is missing from. */
  private interface Entry {
    void says(String documentation);
  }
}
