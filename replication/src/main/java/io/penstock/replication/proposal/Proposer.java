package io.penstock.replication.proposal;

import io.penstock.replication.observer.GroupReplica;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.raft.GroupRole;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.GroupRules;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Proposes commands from this node, whoever leads. A proposal has the same ids however often it is
 * sent, so that it is applied once; it completes after the image here has its outcome. Any thread
 * may call; what is under way is bounded in number, bytes and time.
 *
 * @param <C> command
 * @param <R> result
 */
public final class Proposer<C, R> {

  static final int PROPOSALS_MAX = 4096;
  static final long BYTES_MAX = 128L << 20;

  private final GroupRules<?, C, R> rules;
  private final GroupPort<R> port;
  private final GroupReplica<?> replica;
  private final PeerNetwork network;
  private final Tasks tasks;
  private final ProposerSettings settings;
  private final UUID id = UUID.randomUUID();
  private final AtomicLong nextCallId = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final Set<Proposal<R>> underWay = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public Proposer(
      GroupRules<?, C, R> rules,
      GroupPort<R> port,
      GroupReplica<?> replica,
      PeerNetwork network,
      Tasks tasks,
      ProposerSettings settings) {
    this.rules = rules;
    this.port = port;
    this.replica = replica;
    this.network = network;
    this.tasks = tasks;
    this.settings = settings;
  }

  /**
   * Asks the group. Completes on the applier thread or a network thread, whose continuations must
   * not block. Fails with {@link ControlUnavailableException} where the outcome is not known in
   * time or nothing could be asked, and with {@link CommandTooLargeException}.
   */
  public CompletionStage<R> propose(C command) {
    return tryIn(Proposal.ANY_TERM, command);
  }

  /**
   * Asks the group while this node leads it in this term, and nobody else: for what a leader has
   * decided as the leader it is. Fails as {@link #propose} does, and as soon as this node does not
   * lead any more, or in a later term; the command may have been taken then.
   */
  public CompletionStage<R> proposeHere(C command, long term) {
    return tryIn(term, command);
  }

  private CompletionStage<R> tryIn(long onlyTerm, C command) {
    byte[] encoded = rules.encodeCommand(command);
    if (encoded.length > settings.commandBytesMax()) {
      return CompletableFuture.failedFuture(
          new CommandTooLargeException(
              "a command has "
                  + encoded.length
                  + " bytes, more than "
                  + settings.commandBytesMax()));
    }
    if (closed) {
      return notAsked("this node is stopping");
    }
    if (underWay.size() >= PROPOSALS_MAX || bytes.get() + encoded.length > BYTES_MAX) {
      return notAsked("too many proposals are under way here");
    }
    Proposal<R> proposal =
        new Proposal<>(this, id, nextCallId.incrementAndGet(), encoded, onlyTerm, tasks.nowMs());
    bytes.addAndGet(encoded.length);
    underWay.add(proposal);
    proposal.begin();
    if (closed) {
      proposal.close();
    }
    return proposal.outcome();
  }

  private CompletionStage<R> notAsked(String why) {
    return CompletableFuture.failedFuture(
        ControlUnavailableException.nothingAsked(
            "group '" + settings.name() + "' was not asked: " + why, null));
  }

  /**
   * Somebody else leads: what waits for the answer of another node is asked again there, and what
   * was for a term of this node alone ends.
   */
  public void leaderChanged(GroupRole role) {
    for (Proposal<R> proposal : List.copyOf(underWay)) {
      proposal.leaderChanged(role);
    }
  }

  /** What is under way ends with an open outcome. */
  public void close() {
    closed = true;
    for (Proposal<R> proposal : List.copyOf(underWay)) {
      proposal.close();
    }
  }

  int underWayCount() {
    return underWay.size();
  }

  void ended(Proposal<R> proposal, int size) {
    if (underWay.remove(proposal)) {
      bytes.addAndGet(-size);
    }
  }

  GroupRules<?, C, R> rules() {
    return rules;
  }

  GroupPort<R> port() {
    return port;
  }

  GroupReplica<?> replica() {
    return replica;
  }

  PeerNetwork network() {
    return network;
  }

  Tasks tasks() {
    return tasks;
  }

  ProposerSettings settings() {
    return settings;
  }
}
