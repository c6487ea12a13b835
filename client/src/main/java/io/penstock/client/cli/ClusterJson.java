package io.penstock.client.cli;

import io.penstock.client.ClusterDescription.Broker;
import io.penstock.client.ClusterStatus;
import io.penstock.client.QuorumDescription.Group;
import io.penstock.client.QuorumDescription.Member;
import io.penstock.client.net.Endpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON form of a cluster's status. Scripts depend on these names: add to them, never change
 * them. Stateless.
 */
final class ClusterJson {

  private ClusterJson() {}

  static Map<String, Object> of(ClusterStatus status) {
    List<String> problems = status.problems();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("clusterId", status.cluster().clusterId());
    fields.put("healthy", problems.isEmpty());
    fields.put("problems", problems);
    fields.put("nodes", status.cluster().brokers().stream().map(b -> node(b, status)).toList());
    fields.put(
        "groups",
        status.quorum().groups().stream().map(g -> group(g, status.askedAtMs())).toList());
    Map<String, Object> partitions = new LinkedHashMap<>();
    partitions.put("topics", status.partitions().topics());
    partitions.put("partitions", status.partitions().partitions());
    partitions.put("underReplicated", status.partitions().underReplicated());
    partitions.put("offline", status.partitions().offline());
    fields.put("partitions", partitions);
    return fields;
  }

  private static Map<String, Object> node(Broker broker, ClusterStatus status) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", broker.id());
    fields.put("address", broker.address().toString());
    Endpoint peer = status.quorum().addresses().get(broker.id());
    if (peer != null) {
      fields.put("peerAddress", peer.toString());
    }
    String rack = broker.rack();
    if (rack != null) {
      fields.put("rack", rack);
    }
    fields.put("fenced", broker.fenced());
    fields.put("role", ClusterStatusCommand.role(broker.id(), status));
    return fields;
  }

  private static Map<String, Object> group(Group group, long nowMs) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", group.name());
    fields.put("leader", group.leaderId());
    if (group.hasLeader()) {
      fields.put("epoch", group.leaderEpoch());
      fields.put("committed", group.committed());
      fields.put("voters", group.voters().stream().map(m -> member(m, group, nowMs)).toList());
      fields.put(
          "observers", group.observers().stream().map(m -> member(m, group, nowMs)).toList());
    }
    return fields;
  }

  /** Lag and times are -1 where they are not known. */
  private static Map<String, Object> member(Member member, Group group, long nowMs) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("node", member.nodeId());
    fields.put("directoryId", Json.id(member.directoryId()));
    fields.put("lag", group.lag(member));
    fields.put("lastContactMsAgo", group.silentMs(member, nowMs));
    fields.put("lastCaughtUpMsAgo", group.behindMs(member, nowMs));
    return fields;
  }
}
