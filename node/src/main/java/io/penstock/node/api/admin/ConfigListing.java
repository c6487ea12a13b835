package io.penstock.node.api.admin;

import io.penstock.node.api.admin.ListedConfig.Source;
import io.penstock.node.api.admin.ListedConfig.Synonym;
import io.penstock.node.config.GroupTimes;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.topic.ConfigType;
import io.penstock.node.topic.TopicConfig;
import io.penstock.node.topic.TopicConfigs;
import io.penstock.node.topic.TopicSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of topics, of groups and of this node, listed under the names that Kafka's tools
 * know. Pure.
 */
final class ConfigListing {

  private ConfigListing() {}

  /** All settings of a topic, by name. */
  static List<ListedConfig> ofTopic(TopicSettings settings) {
    List<ListedConfig> listed = new ArrayList<>();
    for (TopicConfig config : TopicConfigs.all()) {
      List<Synonym> synonyms = new ArrayList<>();
      if (settings.isOwn(config)) {
        synonyms.add(new Synonym(config.name(), settings.value(config), Source.TOPIC));
      }
      addNodeSynonyms(settings, config, synonyms);
      listed.add(
          new ListedConfig(
              config.name(),
              settings.value(config),
              synonyms.getFirst().source(),
              false,
              config.type(),
              config.documentation(),
              synonyms));
    }
    return listed;
  }

  /** All settings that a group may have of its own, by name. */
  static List<ListedConfig> ofGroup(Map<String, String> own, NodeConfig config) {
    NodeConfig defaults =
        NodeConfig.defaults(config.data().directories().getFirst(), config.listener().address());
    List<GroupTimes.Time> builtIn = GroupTimes.of(defaults.groups().consumers()).all();
    List<GroupTimes.Time> times = GroupTimes.of(config.groups().consumers()).all();
    List<ListedConfig> listed = new ArrayList<>();
    for (int i = 0; i < times.size(); i++) {
      listed.add(ofGroup(own, times.get(i), builtIn.get(i)));
    }
    return listed;
  }

  private static ListedConfig ofGroup(
      Map<String, String> own, GroupTimes.Time time, GroupTimes.Time builtIn) {
    String value = Integer.toString(time.inForceMs(own));
    List<Synonym> synonyms = new ArrayList<>();
    if (own.containsKey(time.name())) {
      synonyms.add(new Synonym(time.name(), value, Source.GROUP));
    }
    if (time.byDefaultMs() != builtIn.byDefaultMs()) {
      String inFile = Integer.toString(time.byDefaultMs());
      synonyms.add(new Synonym(time.nodeName(), inFile, Source.NODE_FILE));
    }
    synonyms.add(
        new Synonym(time.nodeName(), Integer.toString(builtIn.byDefaultMs()), Source.BUILT_IN));
    return new ListedConfig(
        time.name(),
        value,
        synonyms.getFirst().source(),
        false,
        ConfigType.INT,
        time.documentation(),
        synonyms);
  }

  /** The settings of this node; they come from its file and cannot be changed from outside. */
  static List<ListedConfig> ofNode(NodeConfig config, String advertised) {
    NodeConfig defaults =
        NodeConfig.defaults(config.data().directories().getFirst(), config.listener().address());
    List<ListedConfig> listed = new ArrayList<>();
    Map<String, String> builtIn =
        own(defaults, advertised).stream().collect(Collectors.toMap(Setting::name, Setting::value));
    for (Setting setting : own(config, advertised)) {
      listed.add(setting.listed(builtIn.get(setting.name())));
    }
    TopicSettings topics = new TopicSettings(Map.of(), config.topics().defaults());
    for (TopicConfig topic : TopicConfigs.all()) {
      if (!topic.nodeNames().isEmpty()) {
        listed.add(ofNode(topic, topics));
      }
    }
    return listed;
  }

  private static ListedConfig ofNode(TopicConfig config, TopicSettings settings) {
    List<Synonym> synonyms = new ArrayList<>();
    addNodeSynonyms(settings, config, synonyms);
    return new ListedConfig(
        config.nodeNames().getFirst(),
        settings.inherited(config),
        synonyms.getFirst().source(),
        true,
        config.type(),
        config.documentation() + " The default of topics that do not set " + config.name() + ".",
        synonyms);
  }

  private static void addNodeSynonyms(
      TopicSettings settings, TopicConfig config, List<Synonym> synonyms) {
    String name = config.nodeNames().isEmpty() ? config.name() : config.nodeNames().getFirst();
    if (settings.isNodeDefault(config)) {
      synonyms.add(new Synonym(name, settings.inherited(config), Source.NODE_FILE));
    }
    synonyms.add(new Synonym(name, config.byDefault(), Source.BUILT_IN));
  }

  private static List<Setting> own(NodeConfig config, String advertised) {
    String directories =
        config.data().directories().stream().map(Path::toString).collect(Collectors.joining(","));
    List<Setting> own = new ArrayList<>();
    own.add(setting("node.id", ConfigType.INT, config.node().id(), "node.id"));
    own.add(setting("broker.id", ConfigType.INT, config.node().id(), "node.id"));
    String rack = config.node().rack();
    if (rack != null) {
      own.add(setting("broker.rack", ConfigType.STRING, rack, "node.rack"));
    }
    own.add(setting("log.dirs", ConfigType.STRING, directories, "data.directories"));
    own.add(
        setting(
            "listeners",
            ConfigType.STRING,
            "PLAINTEXT://" + config.listener().address(),
            "listener.address"));
    own.add(
        setting(
            "advertised.listeners",
            ConfigType.STRING,
            "PLAINTEXT://" + advertised,
            "listener.advertised"));
    addLimits(config, own);
    addGroups(config.groups(), own);
    addCleaner(config, own);
    addTopics(config, own);
    return own;
  }

  private static void addLimits(NodeConfig config, List<Setting> own) {
    NodeConfig.Limits limits = config.limits();
    own.add(
        setting(
            "socket.request.max.bytes", ConfigType.INT, limits.requestBytes(), "limits.request"));
    own.add(
        setting(
            "queued.max.request.bytes", ConfigType.LONG, limits.memoryBytes(), "limits.memory"));
    own.add(setting("max.connections", ConfigType.INT, limits.connections(), "limits.connections"));
    own.add(
        setting(
            "connections.max.idle.ms",
            ConfigType.LONG,
            limits.connectionIdle().toMillis(),
            "limits.connection-idle"));
    own.add(setting("fetch.max.bytes", ConfigType.INT, limits.fetchBytes(), "limits.fetch"));
    own.add(
        setting(
            "max.incremental.fetch.session.cache.slots",
            ConfigType.INT,
            limits.fetchSessions(),
            "limits.fetch-sessions"));
    own.add(
        setting(
            "num.network.threads", ConfigType.INT, config.eventLoopCount(), "threads.event-loops"));
  }

  private static void addGroups(NodeConfig.Groups groups, List<Setting> own) {
    own.add(
        setting(
            "group.initial.rebalance.delay.ms",
            ConfigType.INT,
            groups.initialRebalanceDelay().toMillis(),
            "groups.initial-rebalance-delay"));
    own.add(setting("group.max.size", ConfigType.INT, groups.members(), "groups.members"));
    own.add(
        setting(
            "group.min.session.timeout.ms",
            ConfigType.INT,
            groups.sessionTimeoutMin().toMillis(),
            "groups.session-timeout-min"));
    own.add(
        setting(
            "group.max.session.timeout.ms",
            ConfigType.INT,
            groups.sessionTimeoutMax().toMillis(),
            "groups.session-timeout-max"));
    own.add(
        setting(
            "offsets.retention.minutes",
            ConfigType.INT,
            Math.min(Integer.MAX_VALUE, groups.offsets().retention().toMinutes()),
            "groups.offsets-retention"));
    own.add(
        setting(
            "offset.metadata.max.bytes",
            ConfigType.INT,
            groups.offsets().metadataChars(),
            "groups.offset-metadata"));
    addConsumers(groups.consumers(), own);
  }

  private static void addConsumers(NodeConfig.Consumers consumers, List<Setting> own) {
    own.add(
        setting(
            "group.consumer.session.timeout.ms",
            ConfigType.INT,
            consumers.sessionTimeout().toMillis(),
            "groups.consumer-session-timeout"));
    own.add(
        setting(
            "group.consumer.heartbeat.interval.ms",
            ConfigType.INT,
            consumers.heartbeat().toMillis(),
            "groups.consumer-heartbeat"));
    addBounds(consumers.bounds(), own);
    own.add(
        setting(
            "group.consumer.max.size",
            ConfigType.INT,
            consumers.members(),
            "groups.consumer-members"));
    own.add(
        setting(
            "group.consumer.assignors",
            ConfigType.LIST,
            String.join(",", consumers.assignors()),
            "groups.consumer-assignors"));
    own.add(
        setting(
            "group.consumer.migration.policy",
            ConfigType.STRING,
            consumers.migration().label(),
            "groups.consumer-migration"));
  }

  private static void addBounds(NodeConfig.Bounds bounds, List<Setting> own) {
    own.add(
        setting(
            "group.consumer.min.session.timeout.ms",
            ConfigType.INT,
            bounds.sessionTimeoutMin().toMillis(),
            "groups.consumer-session-timeout-min"));
    own.add(
        setting(
            "group.consumer.max.session.timeout.ms",
            ConfigType.INT,
            bounds.sessionTimeoutMax().toMillis(),
            "groups.consumer-session-timeout-max"));
    own.add(
        setting(
            "group.consumer.min.heartbeat.interval.ms",
            ConfigType.INT,
            bounds.heartbeatMin().toMillis(),
            "groups.consumer-heartbeat-min"));
    own.add(
        setting(
            "group.consumer.max.heartbeat.interval.ms",
            ConfigType.INT,
            bounds.heartbeatMax().toMillis(),
            "groups.consumer-heartbeat-max"));
  }

  private static void addCleaner(NodeConfig config, List<Setting> own) {
    NodeConfig.Cleaner cleaner = config.cleaner();
    own.add(setting("log.cleaner.threads", ConfigType.INT, cleaner.threads(), "cleaner.threads"));
    own.add(
        setting(
            "log.cleaner.dedupe.buffer.size",
            ConfigType.LONG,
            cleaner.memoryBytes(),
            "cleaner.memory"));
    own.add(
        setting(
            "log.cleaner.io.max.bytes.per.second",
            ConfigType.DOUBLE,
            cleaner.rate() == NodeConfig.Cleaner.UNLIMITED
                ? Double.MAX_VALUE
                : (double) cleaner.rate(),
            "cleaner.rate"));
    own.add(
        setting(
            "log.cleaner.backoff.ms",
            ConfigType.LONG,
            cleaner.check().toMillis(),
            "cleaner.check"));
  }

  private static void addTopics(NodeConfig config, List<Setting> own) {
    NodeConfig.Topics topics = config.topics();
    own.add(
        setting(
            "auto.create.topics.enable",
            ConfigType.BOOLEAN,
            topics.autoCreate(),
            "topics.auto-create"));
    own.add(setting("num.partitions", ConfigType.INT, topics.partitions(), "topics.partitions"));
    own.add(
        setting(
            "default.replication.factor",
            ConfigType.INT,
            topics.replicationFactor(),
            "topics.replication-factor"));
    own.add(
        setting(
            "log.retention.check.interval.ms",
            ConfigType.LONG,
            config.data().retentionCheck().toMillis(),
            "data.retention-check"));
  }

  private static Setting setting(String name, ConfigType type, Object value, String inFile) {
    return new Setting(name, type, value.toString(), inFile);
  }

  /** A setting of the node under Kafka's name; {@code inFile} is where an operator finds it. */
  private record Setting(String name, ConfigType type, String value, String inFile) {

    ListedConfig listed(@Nullable String byDefault) {
      boolean isDefault = value.equals(byDefault);
      Source source = isDefault ? Source.BUILT_IN : Source.NODE_FILE;
      return new ListedConfig(
          name,
          value,
          source,
          true,
          type,
          "Set by `" + inFile + "` in penstock.yaml.",
          List.of(new Synonym(name, value, source)));
    }
  }
}
