package io.penstock.node.config;

import io.penstock.node.config.NodeConfig.Cluster;
import io.penstock.node.config.NodeConfig.Listener;
import io.penstock.node.config.NodeConfig.Stall;
import io.penstock.node.config.NodeConfig.Voter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a node is told of the others: {@code cluster}, then {@code peer}, whose defaults
 * depend on it. A node that is told nothing is the only voter of a cluster of its own.
 */
final class ClusterReader {

  private static final int HEARTBEATS_IN_SESSION_MIN = 3;
  private static final Duration STALL_TIMEOUT_MAX = Duration.ofHours(1);
  private static final String AUTO = "auto";

  private final int nodeId;
  private final NodeConfig defaults;
  private boolean alone = true;
  private @Nullable HostPort votedAddress;

  ClusterReader(int nodeId, NodeConfig defaults) {
    this.nodeId = nodeId;
    this.defaults = defaults;
  }

  Cluster cluster(ConfigSection section) {
    Cluster byDefault = defaults.cluster();
    String name = section.text("name");
    if (name != null && !name.matches("[A-Za-z0-9._-]{1,100}")) {
      section.wrong("name", name, "use up to 100 letters, digits, dots, dashes, underscores");
    }
    List<Voter> voters =
        section.list("voters", ClusterReader::voter, "write ID@HOST:PORT, e.g. 1@10.0.0.5:9093");
    checkVoters(section, voters);
    List<HostPort> join =
        section.list("join", ClusterReader::dialled, "write HOST:PORT, e.g. 10.0.0.5:9093");
    Duration session =
        section.duration(
            "session-timeout",
            byDefault.sessionTimeout(),
            Duration.ofMillis(500),
            Duration.ofMinutes(10));
    Duration heartbeat = heartbeat(section, session);
    Stall stall = stall(section, session);
    alone = voters.isEmpty() && join.isEmpty();
    for (Voter voter : voters) {
      if (voter.id() == nodeId) {
        votedAddress = voter.address();
      }
    }
    if (votedAddress != null && !join.isEmpty()) {
      section.wrong(
          "join",
          join.toString(),
          "node "
              + nodeId
              + " is named in `cluster.voters`, so it has nothing to join: leave one"
              + " of the two out");
    }
    section.finish();
    return new Cluster(
        name == null ? byDefault.name() : name,
        // So that nodes whose operators wrote another order agree.
        voters.stream().sorted(Comparator.comparingInt(Voter::id)).toList(),
        joined(voters, join),
        session,
        heartbeat,
        stall);
  }

  /** The cluster when the listener for peers is known, too. */
  Cluster complete(Cluster cluster, Listener peer) {
    HostPort reached = peer.reachableAt(peer.address().port());
    return alone ? cluster.of(List.of(new Voter(nodeId, reached))) : cluster;
  }

  /** A node that is no voter may find the others by the voters, too. */
  private List<HostPort> joined(List<Voter> voters, List<HostPort> join) {
    if (votedAddress != null) {
      return List.of();
    }
    List<HostPort> all = new ArrayList<>(join);
    voters.stream().map(Voter::address).filter(each -> !all.contains(each)).forEach(all::add);
    return all;
  }

  private Duration heartbeat(ConfigSection section, Duration session) {
    Duration longest = session.dividedBy(HEARTBEATS_IN_SESSION_MIN);
    Duration byDefault = defaults.cluster().heartbeat();
    Duration heartbeat =
        section.duration(
            "heartbeat",
            byDefault.compareTo(longest) > 0 ? longest : byDefault,
            Duration.ofMillis(10),
            Duration.ofMinutes(1));
    if (heartbeat.compareTo(longest) > 0) {
      section.wrong(
          "heartbeat",
          Units.printDuration(heartbeat),
          "write at most a third of `cluster.session-timeout`, "
              + Units.printDuration(session)
              + ": a single one that is late must not end the session");
    }
    return heartbeat;
  }

  /** Not before the session ends, when others take over anyway. */
  private static @Nullable Stall stall(ConfigSection section, Duration session) {
    if (section.isOff("stall-timeout")) {
      return null;
    }
    String text = section.text("stall-timeout");
    if (text == null || text.equals(AUTO)) {
      return Stall.byDefault(session);
    }
    Duration timeout = section.duration("stall-timeout", session, session, STALL_TIMEOUT_MAX);
    return new Stall(timeout, true);
  }

  private static void checkVoters(ConfigSection section, List<Voter> voters) {
    Map<HostPort, Integer> ids = new HashMap<>();
    Set<Integer> seen = new HashSet<>();
    for (Voter voter : voters) {
      Integer other = ids.putIfAbsent(voter.address(), voter.id());
      if (!seen.add(voter.id())) {
        section.wrong("voters", voter.toString(), "name each node once");
      } else if (other != null) {
        section.wrong(
            "voters",
            voter.toString(),
            "node " + other + " has that address: each node needs one of its own");
      }
    }
  }

  Listener peer(ConfigSection section) {
    HostPort given = section.address("address");
    HostPort advertised = section.address("advertised");
    HostPort voted = votedAddress;
    HostPort address = given != null ? given : voted != null ? voted : defaults.peer().address();
    if (advertised != null && isUndialled(advertised)) {
      section.wrong(
          "advertised",
          advertised.toString(),
          "name a host and port that other nodes can connect to");
    } else if (advertised != null && voted != null && !advertised.equals(voted)) {
      section.wrong(
          "advertised",
          advertised.toString(),
          "`cluster.voters` says that node "
              + nodeId
              + " is reached at "
              + voted
              + ": write that,"
              + " or leave it out");
    }
    boolean dialled = advertised != null || voted != null;
    if (!dialled && address.isWildcard()) {
      section.wrong(
          "address",
          address.toString(),
          "other nodes cannot connect to a wildcard: also set `peer.advertised` to HOST:PORT");
    }
    if (address.port() == 0 && !alone) {
      section.wrong(
          "address",
          address.toString(),
          "other nodes have to find it again after a restart: name a port");
    }
    section.finish();
    return new Listener(address, advertised != null || given == null ? advertised : voted);
  }

  private static @Nullable Voter voter(String text) {
    int at = text.indexOf('@');
    if (at <= 0 || !text.substring(0, at).matches("[0-9]{1,9}")) {
      return null;
    }
    HostPort address = dialled(text.substring(at + 1));
    return address == null ? null : new Voter(Integer.parseInt(text.substring(0, at)), address);
  }

  private static @Nullable HostPort dialled(String text) {
    HostPort address = HostPort.parse(text).orElse(null);
    return address == null || isUndialled(address) ? null : address;
  }

  private static boolean isUndialled(HostPort address) {
    return address.port() == 0 || address.isWildcard();
  }
}
