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
 * @param plan how it means to begin a cluster
 */
public record Introduction(
    String clusterName,
    @Nullable UUID clusterId,
    int nodeId,
    UUID directoryId,
    UUID incarnation,
    Address address,
    List<Member> voters,
    Plan plan) {

  public Introduction {
    voters = List.copyOf(voters);
  }

  /** A voter: the node, the directory with its votes, and where it is reached by peers. */
  public record Member(int nodeId, UUID directoryId, Address address) {}

  /**
   * What nodes compare before they begin a cluster.
   *
   * @param voters those that its configuration names, by rising id
   * @param agreed the id of the cluster that it would begin with the processes and directories that
   *     it has found behind all of these, or null as long as some are missing
   */
  public record Plan(List<NamedVoter> voters, @Nullable UUID agreed) {

    /** Of a node that begins nothing. */
    public static final Plan NONE = new Plan(List.of(), null);

    public Plan {
      voters = List.copyOf(voters);
    }
  }

  /** A voter as an operator writes it down: without the directory, which nobody knows yet. */
  public record NamedVoter(int nodeId, Address address) {

    @Override
    public String toString() {
      return nodeId + "@" + address;
    }
  }

  /** Itself as a voter. */
  public Member member() {
    return new Member(nodeId, directoryId, address);
  }

  public PeerCaller caller() {
    return new PeerCaller(nodeId, incarnation);
  }
}
