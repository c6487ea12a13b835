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
 * @param named the voters that its configuration names, in the order of their ids: those who form a
 *     cluster have to agree on them
 */
public record Introduction(
    String clusterName,
    @Nullable UUID clusterId,
    int nodeId,
    UUID directoryId,
    UUID incarnation,
    Address address,
    List<Member> voters,
    List<NamedVoter> named) {

  public Introduction {
    voters = List.copyOf(voters);
    named = List.copyOf(named);
  }

  /** A voter: the node, the directory with its votes, and where it is reached by peers. */
  public record Member(int nodeId, UUID directoryId, Address address) {}

  /** A voter as an operator writes it down: without the directory, which nobody knows yet. */
  public record NamedVoter(int nodeId, Address address) {

    @Override
    public String toString() {
      return nodeId + "@" + address;
    }
  }

  public PeerCaller caller() {
    return new PeerCaller(nodeId, incarnation);
  }
}
