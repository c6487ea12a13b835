package io.penstock.replication.peer;

import io.penstock.replication.value.Address;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of a connection say of themselves first.
 *
 * @param clusterName as configured; nodes of different names never talk
 * @param clusterId null before the node has found or made its cluster
 * @param directoryId of the directory that holds its Raft groups: a wiped disk is another member
 * @param incarnation of the process
 * @param address where the node is reached by peers
 * @param voters the members of its Raft groups, empty where it knows of none; see {@link Member}
 */
public record Introduction(
    String clusterName,
    @Nullable UUID clusterId,
    int nodeId,
    UUID directoryId,
    UUID incarnation,
    Address address,
    List<Member> voters) {

  public Introduction {
    voters = List.copyOf(voters);
  }

  /** A voter: the node, the directory with its votes, and where it is reached by peers. */
  public record Member(int nodeId, UUID directoryId, Address address) {}

  public PeerCaller caller() {
    return new PeerCaller(nodeId, incarnation);
  }
}
