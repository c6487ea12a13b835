package io.penstock.node.replica;

import com.codahale.metrics.MetricRegistry;
import io.penstock.client.net.ClientTransport;
import io.penstock.node.peer.PeerOpener;
import io.penstock.replication.follower.FetchLane;
import io.penstock.replication.follower.LeaderEndpoint;
import io.penstock.replication.follower.LeaderEndpoints;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.Address;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the ways to leaders, and owns the event loops that they live on: a follower writes what it
 * receives on these, apart from those that serve clients and from those on which nodes find out
 * whether others live.
 */
public final class RemoteLeaders implements LeaderEndpoints, AutoCloseable {

  /** So that what catches up seldom shares a loop with what is in sync. */
  private static final int LOOPS_MIN = 2;

  private static final int LOOPS_MAX = 8;

  private final int nodeId;
  private final IntFunction<@Nullable Address> addresses;
  private final ClientTransport transport =
      ClientTransport.owning(
          "penstock-replica",
          Math.clamp(Runtime.getRuntime().availableProcessors(), LOOPS_MIN, LOOPS_MAX));
  private final PeerOpener opener;
  private final Map<LineKey, LeaderLine> lines = new ConcurrentHashMap<>();

  private record LineKey(int leader, FetchLane lane) {}

  /**
   * Opens nothing yet.
   *
   * @param self what this node says of itself at the moment of asking
   * @param addresses where peers reach a node now, or null where it is not known
   * @param watcher told of leaders whose connections end
   * @param answerBytesMax the longest answer: one fetch, or one batch that is longer
   */
  public RemoteLeaders(
      Supplier<Introduction> self,
      IntFunction<@Nullable Address> addresses,
      PeerWatcher watcher,
      int answerBytesMax,
      MetricRegistry metrics) {
    this.nodeId = self.get().nodeId();
    this.addresses = addresses;
    this.opener = new PeerOpener(transport, self, watcher, answerBytesMax, metrics);
  }

  @Override
  public LeaderEndpoint to(int leader, FetchLane lane) {
    LeaderLine line =
        lines.computeIfAbsent(new LineKey(leader, lane), _ -> new LeaderLine(leader, this));
    return new RemoteLeader(nodeId, leader, line);
  }

  PeerOpener opener() {
    return opener;
  }

  @Nullable Address addressOf(int node) {
    return addresses.apply(node);
  }

  /** Ends what is under way on all of them. */
  @Override
  public void close() {
    lines.values().forEach(LeaderLine::close);
    transport.close();
  }
}
