package io.penstock.node.formation;

import io.penstock.replication.peer.Introduction.Member;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How a node takes part in its cluster from its first start on. */
public sealed interface Formation {

  /**
   * As one of the voters that the cluster begins with.
   *
   * @param clusterId null where this node is the only one: nobody else has to come to the same
   * @param voters all of them, by rising id
   */
  record Voter(@Nullable UUID clusterId, List<Member> voters) implements Formation {
    public Voter {
      voters = List.copyOf(voters);
    }
  }

  /**
   * Without a vote in a cluster that exists.
   *
   * @param voters those who have one, as far as they are known
   */
  record Observer(UUID clusterId, List<Member> voters) implements Formation {
    public Observer {
      voters = List.copyOf(voters);
    }
  }
}
