package io.penstock.node;

import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.Address;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells this node's voters that a leader's process is gone, so that they need not wait for their
 * timers: its connection was lost, and its host says that nobody listens there any more. Any
 * thread.
 */
final class LeaderWatch implements PeerWatcher {

  private static final Logger LOG = LoggerFactory.getLogger(LeaderWatch.class);
  private static final long ANSWER_MS = 500;

  /** A process that ends closes its connections one by one, and its listener with them. */
  private static final int LOOKS_MAX = 5;

  private final ClusterControlPlane control;
  private final PeerNetwork network;
  private final byte[] hello;
  private final Set<PeerCaller> lookedFor = ConcurrentHashMap.newKeySet();

  LeaderWatch(ClusterControlPlane control, PeerNetwork network, byte[] hello) {
    this.control = control;
    this.network = network;
    this.hello = hello;
  }

  @Override
  public void connectionLost(PeerCaller peer, Address address) {
    if (control.isVoter() && leadsAGroup(peer.nodeId()) && lookedFor.add(peer)) {
      look(peer, address, 1);
    }
  }

  private boolean leadsAGroup(int nodeId) {
    return control.leaderId(GroupName.LEADERSHIP) == nodeId
        || control.leaderId(GroupName.METADATA) == nodeId;
  }

  private void look(PeerCaller peer, Address address, int looks) {
    var _ =
        network
            .ask(address, PeerApi.HELLO, hello, ANSWER_MS)
            .whenComplete((_, failure) -> {
              PeerException.@Nullable Kind kind = kindOf(failure);
              if (kind == PeerException.Kind.LOST && looks < LOOKS_MAX) {
                look(peer, address, looks + 1);
                return;
              }
              lookedFor.remove(peer);
              if (kind == PeerException.Kind.REFUSED) {
                LOG.info("The process of a leader is gone: node={} at={}", peer.nodeId(), address);
                control.suspect(peer.nodeId());
              }
            });
  }

  private static PeerException.@Nullable Kind kindOf(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof PeerException told ? told.kind() : null;
  }
}
