package io.penstock.node.config;

import io.penstock.node.config.NodeConfig.Admin;
import io.penstock.node.config.NodeConfig.Cleaner;
import io.penstock.node.config.NodeConfig.Cluster;
import io.penstock.node.config.NodeConfig.Data;
import io.penstock.node.config.NodeConfig.Groups;
import io.penstock.node.config.NodeConfig.Identity;
import io.penstock.node.config.NodeConfig.Limits;
import io.penstock.node.config.NodeConfig.Listener;
import io.penstock.node.config.NodeConfig.Replication;
import io.penstock.node.config.NodeConfig.Threads;
import io.penstock.node.config.NodeConfig.Topics;
import io.penstock.node.topic.TopicConfig;
import io.penstock.node.topic.TopicConfigs;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code penstock.yaml}. Every section is read to its end whatever is wrong in it, so that
 * one start shows all that has to be mended.
 */
public final class NodeConfigReader {

  private static final int FILE_BYTES_MAX = 1 << 20;
  private static final int LIMIT_BYTES_MIN = 64 << 10;
  private static final int CLEANER_BYTES_MIN = 1 << 20;
  private static final String UNLIMITED = "unlimited";

  /** An idle follower comes every half a second. */
  private static final int LAG_MS_MIN = 2_000;

  private final String file;
  private final List<String> problems = new ArrayList<>();

  private NodeConfigReader(String file) {
    this.file = file;
  }

  /** The configuration in a file. */
  public static NodeConfig read(Path path) throws ConfigException {
    try {
      if (Files.size(path) > FILE_BYTES_MAX) {
        throw new ConfigException(List.of(path + ": larger than 1MiB; is this the right file?"));
      }
      return parse(path.toString(), Files.readString(path));
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          List.of(path + ": no such file; name one with --config, or start with `penstock dev`"));
    } catch (MalformedInputException e) {
      throw new ConfigException(List.of(path + ": not UTF-8 text; save it as UTF-8"));
    } catch (IOException e) {
      throw new ConfigException(List.of(path + ": cannot be read: " + e.getMessage()));
    }
  }

  /** The configuration in a text; {@code name} stands for the file in messages. */
  public static NodeConfig parse(String name, String text) throws ConfigException {
    return new NodeConfigReader(name).tree(text);
  }

  private NodeConfig tree(String text) throws ConfigException {
    ConfigSection root =
        new ConfigSection(file, "", new YamlSource(file, problems).parse(text), problems);
    NodeConfig defaults =
        NodeConfig.defaults(Path.of("penstock-data"), new HostPort("127.0.0.1", 9092));
    Identity node = node(root.section("node"));
    ClusterReader others = new ClusterReader(node.id(), defaults);
    Cluster cluster = others.cluster(root.section("cluster"));
    Listener peer = others.peer(root.section("peer"));
    Data data = data(root.section("data"), defaults.data());
    Listener listener = listener(root.section("listener"), defaults.listener());
    Admin admin = admin(root.section("admin"), listener, peer);
    checkPorts(root.section("peer"), listener, peer);
    checkRole(root, node, cluster, data);
    NodeConfig config =
        new NodeConfig(
            node,
            others.complete(cluster, peer),
            data,
            listener,
            peer,
            admin,
            replication(root.section("replication"), defaults.replication()),
            limits(root.section("limits"), defaults.limits()),
            threads(root.section("threads"), defaults.threads()),
            cleaner(root.section("cleaner"), defaults.cleaner()),
            groups(root.section("groups"), defaults.groups()),
            topics(root.section("topics"), defaults.topics()));
    root.finish();
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return config;
  }

  private static void checkPorts(ConfigSection section, Listener listener, Listener peer) {
    if (peer.address().port() != 0 && peer.address().equals(listener.address())) {
      section.wrong(
          "address", peer.address().toString(), "clients connect there: name another port");
    }
  }

  /**
   * Without a broker anywhere there is nobody to serve; a node that is told of no other is alone.
   */
  private static void checkRole(ConfigSection root, Identity node, Cluster cluster, Data data) {
    if (node.broker()) {
      return;
    }
    boolean others =
        !cluster.join().isEmpty()
            || cluster.voters().stream().anyMatch(voter -> voter.id() != node.id());
    if (!others) {
      root.section("node")
          .wrong(
              "broker",
              "false",
              "a node alone has to be one: name other nodes in `cluster.voters` or `cluster.join`");
    }
    if (data.adoptKafkaData()) {
      root.section("data")
          .wrong("adopt-kafka-data", "true", "with `node.broker: false` it keeps no topics");
    }
  }

  private Identity node(ConfigSection section) {
    Identity identity =
        new Identity(
            section.integer("id", 1, 0, Integer.MAX_VALUE),
            section.text("rack"),
            section.flag("broker", true));
    section.finish();
    return identity;
  }

  private Data data(ConfigSection section, Data defaults) {
    List<Path> directories =
        section.list("directories", NodeConfigReader::path, "write the path of a directory");
    Set<Path> distinct = new HashSet<>();
    for (Path directory : directories) {
      if (!distinct.add(directory.toAbsolutePath().normalize())) {
        section.wrong("directories", directory.toString(), "name each directory once");
      }
    }
    Data data =
        new Data(
            directories.isEmpty() ? defaults.directories() : directories,
            section.flag("adopt-kafka-data", defaults.adoptKafkaData()),
            section.duration(
                "retention-check",
                defaults.retentionCheck(),
                Duration.ofMillis(100),
                Duration.ofDays(1)),
            section.integer("recovery-threads", defaults.recoveryThreads(), 0, 256));
    section.finish();
    return data;
  }

  private static @Nullable Path path(String text) {
    try {
      return text.isBlank() ? null : Path.of(text);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private Listener listener(ConfigSection section, Listener defaults) {
    HostPort given = section.address("address");
    HostPort address = given == null ? defaults.address() : given;
    HostPort advertised = section.address("advertised");
    if (advertised != null && (advertised.port() == 0 || advertised.isWildcard())) {
      section.wrong(
          "advertised", advertised.toString(), "name a host and port that clients can connect to");
    }
    if (advertised == null && address.isWildcard()) {
      section.wrong(
          "address",
          address.toString(),
          "clients cannot connect to a wildcard: also set `listener.advertised` to HOST:PORT");
    }
    section.finish();
    return new Listener(address, advertised);
  }

  private static Admin admin(ConfigSection section, Listener listener, Listener peer) {
    HostPort address = section.isOff("address") ? null : section.address("address");
    if (address != null
        && address.port() != 0
        && (address.equals(listener.address()) || address.equals(peer.address()))) {
      section.wrong(
          "address", address.toString(), "clients or nodes connect there: name another port");
    }
    section.finish();
    return new Admin(address);
  }

  private Replication replication(ConfigSection section, Replication defaults) {
    Duration lag =
        section.duration(
            "lag-time-max",
            defaults.lagTimeMax(),
            Duration.ofMillis(LAG_MS_MIN),
            Duration.ofHours(1));
    int fetch = (int) section.bytes("fetch", defaults.fetchBytes(), LIMIT_BYTES_MIN, 1 << 30);
    int partition =
        (int)
            section.bytes(
                "fetch-partition",
                Math.min(fetch, defaults.partitionBytes()),
                LIMIT_BYTES_MIN,
                1 << 30);
    if (partition > fetch) {
      section.wrong(
          "fetch-partition",
          Units.printBytes(partition),
          "write at most what `replication.fetch` is, " + Units.printBytes(fetch));
    }
    Replication replication =
        new Replication(
            lag,
            fetch,
            partition,
            UNLIMITED.equals(section.text("catch-up-rate"))
                ? Replication.UNLIMITED
                : section.bytes(
                    "catch-up-rate", defaults.catchUpRate(), LIMIT_BYTES_MIN, 1L << 40));
    section.finish();
    return replication;
  }

  private Limits limits(ConfigSection section, Limits defaults) {
    int request = (int) section.bytes("request", defaults.requestBytes(), LIMIT_BYTES_MIN, 1 << 30);
    long memory = section.bytes("memory", defaults.memoryBytes(), LIMIT_BYTES_MIN, 1L << 40);
    if (memory < request) {
      section.wrong(
          "memory",
          Units.printBytes(memory),
          "it has to hold one request of `limits.request`, " + Units.printBytes(request));
    }
    Limits limits =
        new Limits(
            request,
            memory,
            section.integer("connections", defaults.connections(), 1, 1_000_000),
            section.duration(
                "connection-idle",
                defaults.connectionIdle(),
                Duration.ofSeconds(1),
                Duration.ofDays(30)),
            (int) section.bytes("fetch", defaults.fetchBytes(), LIMIT_BYTES_MIN, 1 << 30),
            section.integer("fetch-sessions", defaults.fetchSessions(), 0, 1_000_000),
            section.integer("partitions", defaults.partitions(), 1, 1_000_000));
    section.finish();
    return limits;
  }

  private Threads threads(ConfigSection section, Threads defaults) {
    Threads threads =
        new Threads(
            section.integer("event-loops", defaults.eventLoops(), 0, 1_024),
            section.integer("cold-reads", defaults.coldReads(), 1, 1_024));
    section.finish();
    return threads;
  }

  private Cleaner cleaner(ConfigSection section, Cleaner defaults) {
    Cleaner cleaner =
        new Cleaner(
            section.integer("threads", defaults.threads(), 1, 64),
            section.bytes("memory", defaults.memoryBytes(), CLEANER_BYTES_MIN, 1L << 36),
            (int)
                section.bytes(
                    "unpacked-batch", defaults.unpackedBatchBytes(), CLEANER_BYTES_MIN, 1L << 30),
            UNLIMITED.equals(section.text("rate"))
                ? Cleaner.UNLIMITED
                : section.bytes("rate", defaults.rate(), LIMIT_BYTES_MIN, 1L << 40),
            section.duration(
                "check", defaults.check(), Duration.ofMillis(100), Duration.ofHours(1)));
    if (cleaner.memoryBytes() / cleaner.threads() < CLEANER_BYTES_MIN) {
      section.wrong(
          "memory",
          Units.printBytes(cleaner.memoryBytes()),
          "each of `cleaner.threads` needs " + Units.printBytes(CLEANER_BYTES_MIN));
    }
    section.finish();
    return cleaner;
  }

  private static Groups groups(ConfigSection section, Groups defaults) {
    return new GroupsReader(section, defaults).read();
  }

  private Topics topics(ConfigSection section, Topics defaults) {
    Topics topics =
        new Topics(
            section.flag("auto-create", defaults.autoCreate()),
            section.integer("partitions", defaults.partitions(), 1, 10_000),
            section.integer("replication-factor", defaults.replicationFactor(), 1, 31),
            topicDefaults(section.section("defaults")));
    section.finish();
    return topics;
  }

  private Map<String, String> topicDefaults(ConfigSection section) {
    Map<String, String> defaults = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : section.texts().entrySet()) {
      TopicConfig config = TopicConfigs.find(entry.getKey());
      if (config == null) {
        section.unknown(entry.getKey(), TopicConfigs.names());
        continue;
      }
      String value = plainNumber(config, entry.getValue());
      String problem = config.problemWith(value);
      if (problem == null) {
        defaults.put(config.name(), value);
      } else {
        section.wrong(entry.getKey(), entry.getValue(), problem);
      }
    }
    for (String problem : TopicConfigs.problemsTogether(defaults)) {
      section.wrong("defaults", "what it is", problem);
    }
    section.finish();
    return defaults;
  }

  /** Kafka's names carry their units; here a value may carry its own as well. */
  private static String plainNumber(TopicConfig config, String text) {
    OptionalLong value = OptionalLong.empty();
    if (config.name().endsWith(".ms")) {
      value = Units.millis(text);
    } else if (config.name().endsWith(".bytes")) {
      value = Units.bytes(text);
    }
    return value.isPresent() ? Long.toString(value.getAsLong()) : text;
  }
}
