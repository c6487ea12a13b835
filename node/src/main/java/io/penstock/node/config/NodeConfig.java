package io.penstock.node.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything an operator may set on a node, checked; {@code conf/penstock.yaml} shows each setting
 * with its default and a sentence. Immutable. Sections are in the order of that file.
 */
public record NodeConfig(
    Identity node,
    Cluster cluster,
    Data data,
    Listener listener,
    Listener peer,
    Admin admin,
    Replication replication,
    Limits limits,
    Threads threads,
    Cleaner cleaner,
    Groups groups,
    Topics topics) {

  static final int PEER_PORT = 9093;

  /**
   * Who this node is.
   *
   * @param id in the cluster
   * @param rack that its replicas are spread over
   * @param broker whether it keeps partitions and serves clients; otherwise it only votes
   */
  public record Identity(int id, @Nullable String rack, boolean broker) {}

  /**
   * The cluster that the node belongs to.
   *
   * @param voters the nodes that begin it and decide for it, by rising id; empty for a node that
   *     only joins
   * @param join nodes by which one that is no voter finds the others
   * @param sessionTimeout how long a broker may be silent before others take over from it
   * @param heartbeat how often it speaks
   * @param stall how long a node's process may stand still, or null: for ever
   */
  public record Cluster(
      String name,
      List<Voter> voters,
      List<HostPort> join,
      Duration sessionTimeout,
      Duration heartbeat,
      @Nullable Stall stall) {

    public Cluster {
      voters = List.copyOf(voters);
      join = List.copyOf(join);
    }

    Cluster of(List<Voter> others) {
      return new Cluster(name, others, List.of(), sessionTimeout, heartbeat, stall);
    }

    /** Whether a node is one of those that begin the cluster. */
    public boolean names(int nodeId) {
      return voters.stream().anyMatch(voter -> voter.id() == nodeId);
    }
  }

  /**
   * How long a process may stand still before the kernel ends it.
   *
   * @param always as an operator wants it; otherwise only where a service manager has started the
   *     process, which starts it again
   */
  public record Stall(Duration timeout, boolean always) {

    /** When others lead what the process led, as they do after a session. */
    static Stall byDefault(Duration sessionTimeout) {
      return new Stall(sessionTimeout, false);
    }
  }

  /** A node of the control plane, and where the others reach it. */
  public record Voter(int id, HostPort address) {

    @Override
    public String toString() {
      return id + "@" + address;
    }
  }

  /**
   * Where records are kept: one directory for each disk. {@code adoptKafkaData} lets a new cluster
   * take over the topics that a Kafka broker left in them.
   */
  public record Data(
      List<Path> directories,
      boolean adoptKafkaData,
      Duration retentionCheck,
      int recoveryThreads) {}

  /** Where others connect, and what they are told to connect to. */
  public record Listener(HostPort address, @Nullable HostPort advertised) {

    /** The address for others once the socket is bound to a port. */
    public HostPort reachableAt(int boundPort) {
      if (advertised != null) {
        return advertised;
      }
      return address.withPort(boundPort);
    }
  }

  /**
   * The port for operators and their tools, which has neither TLS nor users.
   *
   * @param address null where there is none, as by default: nodes on one host would be in each
   *     other's way
   */
  public record Admin(@Nullable HostPort address) {

    static final Admin OFF = new Admin(null);
  }

  /**
   * How records get from leaders to followers.
   *
   * @param lagTimeMax how long a follower may be behind before acks wait for it no more
   * @param fetchBytes what one answer to a follower holds
   * @param partitionBytes what one partition may take of it
   * @param catchUpRate bytes per second that this node fetches for replicas that are not in sync;
   *     {@link #UNLIMITED} by default
   */
  public record Replication(
      Duration lagTimeMax, int fetchBytes, int partitionBytes, long catchUpRate) {

    /** As fast as it goes. */
    public static final long UNLIMITED = Long.MAX_VALUE;
  }

  /** What one client, and all of them together, may take of the node. */
  public record Limits(
      int requestBytes,
      long memoryBytes,
      int connections,
      Duration connectionIdle,
      int fetchBytes,
      int fetchSessions,
      int partitions) {}

  /**
   * Threads that serve requests, and threads that read cold data for them; 0 means by CPU count.
   */
  public record Threads(int eventLoops, int coldReads) {}

  /**
   * How compacted topics are cleaned.
   *
   * @param memoryBytes for the keys of all logs that are cleaned at a time; no more is taken than
   *     there are keys
   * @param unpackedBatchBytes what one compressed batch may unpack to, a few times of which a
   *     cleaning may take for a while; a larger batch stays whole and keeps what was overwritten
   * @param rate bytes per second that cleaning reads and writes; {@link #UNLIMITED} by default
   * @param check how often topics are looked for that are worth cleaning
   */
  public record Cleaner(
      int threads, long memoryBytes, int unpackedBatchBytes, long rate, Duration check) {

    /** As fast as it goes. */
    public static final long UNLIMITED = Long.MAX_VALUE;
  }

  /**
   * How consumer groups are coordinated.
   *
   * @param initialRebalanceDelay how long the first rebalance of an empty group waits for more
   *     members; who tries things out alone wants none, who starts hundreds of consumers more
   * @param members how many a group may have
   * @param sessionTimeoutMin the shortest time after which a member may ask to be given up; who
   *     wants crashes noticed sooner goes below
   * @param sessionTimeoutMax the longest
   * @param memoryBytes about what groups and offsets of this node may take of the heap
   */
  public record Groups(
      Duration initialRebalanceDelay,
      int members,
      Duration sessionTimeoutMin,
      Duration sessionTimeoutMax,
      long memoryBytes,
      Offsets offsets,
      Lag lag,
      Consumers consumers) {

    Groups withoutDelay() {
      return new Groups(
          Duration.ZERO,
          members,
          sessionTimeoutMin,
          sessionTimeoutMax,
          memoryBytes,
          offsets,
          lag,
          consumers);
    }
  }

  /**
   * Groups of the consumer protocol, whose members are told these times.
   *
   * @param sessionTimeout after what silence a member is given up; who wants crashes noticed sooner
   *     goes below
   * @param heartbeat how often members are to be heard of, which is how soon they hear of changes
   * @param members how many a group may have
   * @param assignors those that members may ask for; the first one serves those who do not ask
   * @param bounds between which a single group may be set to other times by who administers it
   */
  public record Consumers(
      Duration sessionTimeout,
      Duration heartbeat,
      int members,
      List<String> assignors,
      Migration migration,
      Bounds bounds) {

    public Consumers {
      assignors = List.copyOf(assignors);
    }
  }

  /** Between which times a group may be set to others than the node's, which are within them. */
  public record Bounds(
      Duration sessionTimeoutMin,
      Duration sessionTimeoutMax,
      Duration heartbeatMin,
      Duration heartbeatMax) {}

  /** Which way groups may change their protocol while they have members. */
  public enum Migration {
    DISABLED(false, false),
    UPGRADE(true, false),
    DOWNGRADE(false, true),
    BIDIRECTIONAL(true, true);

    private final boolean up;
    private final boolean down;

    Migration(boolean up, boolean down) {
      this.up = up;
      this.down = down;
    }

    /** Whether a classic group may become one of the consumer protocol. */
    public boolean mayUpgrade() {
      return up;
    }

    /** Whether it may go back. */
    public boolean mayDowngrade() {
      return down;
    }

    /** As it is written. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What groups commit.
   *
   * @param retention how long offsets of topics that exist are kept when nobody consumes by them;
   *     {@link #FOREVER} by default
   * @param metadataChars what a client may write beside an offset
   */
  public record Offsets(Duration retention, int metadataChars) {

    /** As long as the topic exists. */
    public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);
  }

  /**
   * How it is found out how far groups are behind.
   *
   * @param check how often; {@link #OFF} for not at all
   * @param gauges how many gauges show it at most, two for each group and each of its partitions
   */
  public record Lag(Duration check, int gauges) {

    public static final Duration OFF = Duration.ZERO;
  }

  /** How topics come to be, and what they are set to where they say nothing themselves. */
  public record Topics(
      boolean autoCreate, int partitions, int replicationFactor, Map<String, String> defaults) {}

  /**
   * The defaults; data goes to the given directory and clients come to the given address. Where
   * that lets the system choose a port, the listener for peers lets it choose one, too.
   */
  public static NodeConfig defaults(Path directory, HostPort address) {
    HostPort peer = new HostPort("127.0.0.1", address.port() == 0 ? 0 : PEER_PORT);
    Duration session = Duration.ofSeconds(4);
    return new NodeConfig(
        new Identity(1, null, true),
        new Cluster(
            "penstock",
            List.of(new Voter(1, peer)),
            List.of(),
            session,
            Duration.ofMillis(500),
            Stall.byDefault(session)),
        new Data(List.of(directory), false, Duration.ofMinutes(5), 0),
        new Listener(address, null),
        new Listener(peer, null),
        Admin.OFF,
        new Replication(Duration.ofSeconds(30), 10 << 20, 1 << 20, Replication.UNLIMITED),
        new Limits(
            100 << 20,
            Math.max(100L << 20, Runtime.getRuntime().maxMemory()),
            10_000,
            Duration.ofMinutes(10),
            55 << 20,
            1_000,
            100_000),
        new Threads(0, 4),
        new Cleaner(1, 128L << 20, 32 << 20, Cleaner.UNLIMITED, Duration.ofSeconds(15)),
        new Groups(
            Duration.ofSeconds(3),
            Integer.MAX_VALUE,
            Duration.ofSeconds(6),
            Duration.ofMinutes(30),
            Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 4),
            new Offsets(Offsets.FOREVER, 4_096),
            new Lag(Duration.ofSeconds(30), 10_000),
            new Consumers(
                Duration.ofSeconds(45),
                Duration.ofSeconds(5),
                Integer.MAX_VALUE,
                List.of("uniform", "range"),
                Migration.BIDIRECTIONAL,
                new Bounds(
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(15)))),
        new Topics(true, 1, 1, Map.of()));
  }

  /** The same, but that a new cluster takes over what a Kafka broker left in the directories. */
  public NodeConfig adoptingKafkaData() {
    Data adopting =
        new Data(data.directories(), true, data.retentionCheck(), data.recoveryThreads());
    return new NodeConfig(
        node,
        cluster,
        adopting,
        listener,
        peer,
        admin,
        replication,
        limits,
        threads,
        cleaner,
        groups,
        topics);
  }

  /** The same for a node that is alone, whose listener for peers takes any free port. */
  public NodeConfig onAnyPeerPort() {
    HostPort anyPort = peer.address().withPort(0);
    Cluster alone = cluster.of(List.of(new Voter(node.id(), anyPort)));
    return new NodeConfig(
        node,
        alone,
        data,
        listener,
        new Listener(anyPort, null),
        admin,
        replication,
        limits,
        threads,
        cleaner,
        groups,
        topics);
  }

  /** The same, but that operators come to this address. */
  public NodeConfig withAdminPort(HostPort address) {
    return new NodeConfig(
        node,
        cluster,
        data,
        listener,
        peer,
        new Admin(address),
        replication,
        limits,
        threads,
        cleaner,
        groups,
        topics);
  }

  /** The same, but that nobody waits for more members of a group. */
  public NodeConfig withoutRebalanceDelay() {
    return new NodeConfig(
        node,
        cluster,
        data,
        listener,
        peer,
        admin,
        replication,
        limits,
        threads,
        cleaner,
        groups.withoutDelay(),
        topics);
  }

  public int eventLoopCount() {
    return threads.eventLoops() > 0
        ? threads.eventLoops()
        : Runtime.getRuntime().availableProcessors();
  }
}
