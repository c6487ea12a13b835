package io.penstock.node.formation;

import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.Introduction.NamedVoter;
import io.penstock.replication.peer.IntroductionCodec;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.UnknownFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other nodes who they are, again and again, until it is clear how this node takes part in
 * its cluster, and says meanwhile whom it waits for. Blocks; used by the thread that starts the
 * node. While it asks, the others ask this node, and are answered from {@code self}.
 */
public final class ClusterFormation {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterFormation.class);

  private final PeerNetwork network;
  private final Supplier<Introduction> self;
  private final Consumer<@Nullable UUID> agreed;
  private final Timing timing;
  private Map<String, String> toldMissing = Map.of();
  private long toldNs;

  /**
   * How long things take.
   *
   * @param roundMs between rounds in which nothing came about
   * @param answerMs for a node to answer
   * @param objectedMs how long all others may object before this node gives up: they may have to
   *     notice that its predecessor is gone
   * @param tellMs between two times of saying the same
   */
  record Timing(long roundMs, long answerMs, long objectedMs, long tellMs) {
    static final Timing DEFAULT = new Timing(200, 2_000, 15_000, 10_000);
  }

  /**
   * Does nothing yet.
   *
   * @param self what this node says of itself at the moment of asking
   * @param agreed is told what {@code self} has to say of its plan from then on
   */
  public ClusterFormation(
      PeerNetwork network, Supplier<Introduction> self, Consumer<@Nullable UUID> agreed) {
    this(network, self, agreed, Timing.DEFAULT);
  }

  ClusterFormation(
      PeerNetwork network,
      Supplier<Introduction> self,
      Consumer<@Nullable UUID> agreed,
      Timing timing) {
    this.network = network;
    this.self = self;
    this.agreed = agreed;
    this.timing = timing;
  }

  /** For a node that its configuration names a voter: waits until all of them are there. */
  public Formation form() throws FormationException, InterruptedException {
    Introduction me = self.get();
    List<NamedVoter> others =
        me.plan().voters().stream().filter(voter -> voter.nodeId() != me.nodeId()).toList();
    Formation formed =
        rounds(
            "the other voters",
            asked -> FormationRules.decide(asked, ask(asked, others, NamedVoter::address)));
    if (formed instanceof Formation.Observer(_, List<Member> voters)) {
      boolean hadPredecessor = voters.stream().anyMatch(voter -> voter.nodeId() == me.nodeId());
      LOG.warn(
          "The cluster has begun without this data directory, so the node has no vote. To give it"
              + " one, run: penstock cluster voters {} {}",
          hadPredecessor ? "replace" : "add",
          me.nodeId());
    }
    return formed;
  }

  /** For any other node: waits for one that knows the cluster. */
  public Formation join(List<Address> nodes) throws FormationException, InterruptedException {
    return rounds(
        "a node of the cluster",
        asked -> {
          Map<String, Reply> replies = new LinkedHashMap<>();
          ask(asked, nodes, address -> address)
              .forEach((address, reply) -> replies.put(address.toString(), reply));
          return FormationRules.join(asked, replies);
        });
  }

  private Formation rounds(String awaited, Round round)
      throws FormationException, InterruptedException {
    long objectedNs = 0;
    while (true) {
      Decision decision = round.decide(self.get());
      long nowNs = System.nanoTime();
      switch (decision) {
        case Decision.Take(Formation formation) -> {
          return found(formation);
        }
        case Decision.Propose(UUID clusterId) -> {
          agreed.accept(clusterId);
          objectedNs = 0;
          continue;
        }
        case Decision.Wait(Map<String, String> missing) -> {
          objectedNs = 0;
          tell(awaited, missing, nowNs);
        }
        case Decision.Objected(List<String> reasons) -> {
          String reason = String.join("; ", reasons);
          objectedNs = objectedNs == 0 ? nowNs : objectedNs;
          if (nowNs - objectedNs >= TimeUnit.MILLISECONDS.toNanos(timing.objectedMs)) {
            throw new FormationException("no other node takes this one in: " + reason);
          }
          tell(awaited, Map.of("objection", reason), nowNs);
        }
      }
      TimeUnit.MILLISECONDS.sleep(timing.roundMs);
    }
  }

  private static Formation found(Formation formation) {
    switch (formation) {
      case Formation.Voter(UUID clusterId, List<Member> voters) ->
          LOG.info("Begins with a vote: cluster={} voters={}", clusterId, ids(voters));
      case Formation.Observer(UUID clusterId, List<Member> voters) ->
          LOG.info("Begins without a vote: cluster={} voters={}", clusterId, ids(voters));
    }
    return formation;
  }

  private static List<Integer> ids(List<Member> voters) {
    return voters.stream().map(Member::nodeId).toList();
  }

  /** One question to all others. */
  private interface Round {
    Decision decide(Introduction asked) throws InterruptedException;
  }

  /** When it has changed, and again once in a while. */
  private void tell(String awaited, Map<String, String> missing, long nowNs) {
    boolean isNew = !missing.keySet().equals(toldMissing.keySet());
    if (missing.isEmpty()
        || (!isNew && nowNs - toldNs < TimeUnit.MILLISECONDS.toNanos(timing.tellMs))) {
      return;
    }
    toldMissing = missing;
    toldNs = nowNs;
    LOG.info("Waiting for {}: missing={}", awaited, missing);
  }

  private <T> Map<T, Reply> ask(Introduction me, List<T> nodes, Function<T, Address> address)
      throws InterruptedException {
    byte[] hello = IntroductionCodec.encode(me);
    Map<T, CompletableFuture<Reply>> asked = new LinkedHashMap<>();
    for (T node : nodes) {
      asked.put(
          node,
          network
              .ask(address.apply(node), PeerApi.HELLO, hello, timing.answerMs)
              .handle(ClusterFormation::reply)
              .toCompletableFuture());
    }
    Map<T, Reply> replies = new LinkedHashMap<>();
    for (Map.Entry<T, CompletableFuture<Reply>> entry : asked.entrySet()) {
      replies.put(entry.getKey(), await(entry.getValue()));
    }
    return replies;
  }

  private static Reply await(CompletableFuture<Reply> reply) throws InterruptedException {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a reply is never a failure", e);
    }
  }

  private static Reply reply(byte @Nullable [] answer, @Nullable Throwable failure) {
    if (answer == null) {
      return replyOf(failure);
    }
    try {
      return new Reply.Here(IntroductionCodec.decode(answer));
    } catch (UnknownFormatException e) {
      return new Reply.Objects("it introduces itself with " + e.getMessage());
    }
  }

  private static Reply replyOf(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String message = cause == null ? "no answer" : String.valueOf(cause.getMessage());
    return cause instanceof PeerException told
        ? switch (told.kind()) {
          case REJECTED -> new Reply.Objects(message);
          case UNSUPPORTED, REFUSED, UNREACHABLE, LOST, TIMEOUT, FAILED, BUSY, CLOSED ->
              new Reply.Absent(message);
        }
        : new Reply.Absent(message);
  }
}
