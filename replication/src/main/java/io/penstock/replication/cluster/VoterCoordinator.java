package io.penstock.replication.cluster;

import io.penstock.replication.cluster.VoterChange.Outcome;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.raft.HostedGroup;
import io.penstock.replication.raft.VotersOutcome;
import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees one change of voters through, on the leader of {@code leadership}: who is meant, who lives,
 * then one group after the other, each compared and set as a whole. It begins by looking at what
 * there is, so that a change which was made in part is finished by asking for it again. Blocks, on
 * the thread for changes of voters.
 */
final class VoterCoordinator {

  private static final Logger LOG = LoggerFactory.getLogger(VoterCoordinator.class);
  private static final long WHO_MS = 1_500;
  private static final long PREPARE_MS = 30_000;
  private static final long SET_MS = 20_000;
  private static final int TRIES_MAX = 5;
  private static final long RETRY_MS = 300;

  private final Member self;
  private final PeerNetwork network;
  private final List<GroupNode<?, ?, ?>> groups;
  private final LocalMembers members;
  private final StatusReporter reporter;
  private final IntFunction<@Nullable Address> registered;

  VoterCoordinator(
      Member self,
      PeerNetwork network,
      List<GroupNode<?, ?, ?>> groups,
      LocalMembers members,
      StatusReporter reporter,
      IntFunction<@Nullable Address> registered) {
    this.self = self;
    this.network = network;
    this.groups = groups;
    this.members = members;
    this.reporter = reporter;
    this.registered = registered;
  }

  /** What stops a change; it is part of the answer. */
  private static final class Stop extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient VoterMessage answer;

    Stop(VoterMessage answer) {
      super(answer.toString(), null, false, false);
      this.answer = answer;
    }

    Stop(VoterChange.Error error, String message) {
      this(new VoterMessage.Ended(new Outcome(error, message)));
    }
  }

  VoterMessage change(VoterChange change) {
    LOG.info("voters are to change change={}", change);
    VoterMessage answer;
    try {
      switch (change) {
        case VoterChange.Add add -> add(add);
        case VoterChange.Remove remove -> remove(remove);
      }
      answer = new VoterMessage.Ended(Outcome.DONE);
    } catch (Stop e) {
      answer = e.answer;
    }
    LOG.info("the change of voters has ended change={} answer={}", change, answer);
    return answer;
  }

  private void add(VoterChange.Add add) throws Stop {
    List<GroupStatus> before = statuses();
    Member candidate = candidate(add, before);
    if (before.stream().allMatch(status -> voters(status).stream().anyMatch(isSame(candidate)))) {
      throw new Stop(
          VoterChange.Error.DUPLICATE_VOTER, "node " + add.nodeId() + " is a voter already");
    }
    for (GroupStatus status : before) {
      checkMajority(with(voters(status), candidate));
    }
    VoterMessage prepared =
        ask(candidate.address(), new VoterMessage.Prepare(members.clusterId()), PREPARE_MS);
    if (!(prepared instanceof VoterMessage.Self)) {
      throw new Stop(
          VoterChange.Error.NOT_REACHABLE,
          "node " + add.nodeId() + " did not prepare for its vote; its log says why");
    }
    boolean begun = false;
    for (GroupStatus status : before) {
      begun |= set(status, voters -> with(voters, candidate), begun);
    }
  }

  private void remove(VoterChange.Remove remove) throws Stop {
    List<GroupStatus> before = statuses();
    if (before.stream().noneMatch(status -> voters(status).stream().anyMatch(isMeant(remove)))) {
      throw new Stop(
          VoterChange.Error.VOTER_NOT_FOUND,
          "no voter is node "
              + remove.nodeId()
              + (remove.directoryId() == null ? "" : " with directory " + remove.directoryId()));
    }
    for (GroupStatus status : before) {
      checkMajority(without(voters(status), remove));
    }
    boolean begun = false;
    for (GroupStatus status : before) {
      begun |= set(status, voters -> without(voters, remove), begun);
    }
  }

  private static List<Member> with(List<Member> voters, Member candidate) {
    List<Member> wanted = new ArrayList<>();
    for (Member voter : voters) {
      if (voter.nodeId() != candidate.nodeId()) {
        wanted.add(voter); // what voted under another directory of that node is gone
      }
    }
    wanted.add(candidate);
    wanted.sort(Comparator.comparingInt(Member::nodeId));
    return wanted;
  }

  private static List<Member> without(List<Member> voters, VoterChange.Remove remove) {
    return voters.stream().filter(isMeant(remove).negate()).toList();
  }

  private static Predicate<Member> isMeant(VoterChange.Remove remove) {
    UUID directoryId = remove.directoryId();
    return voter ->
        voter.nodeId() == remove.nodeId()
            && (directoryId == null || directoryId.equals(voter.directoryId()));
  }

  private static Predicate<Member> isSame(Member member) {
    return voter ->
        voter.nodeId() == member.nodeId() && voter.directoryId().equals(member.directoryId());
  }

  private List<GroupStatus> statuses() throws Stop {
    List<GroupStatus> statuses = new ArrayList<>();
    for (GroupNode<?, ?, ?> group : groups) {
      statuses.add(status(group.name()));
    }
    return statuses;
  }

  private GroupStatus status(GroupName name) throws Stop {
    GroupStatus status = await(reporter.describe(name), SET_MS);
    if (status == null) {
      throw new Stop(
          VoterChange.Error.NO_LIVE_MAJORITY, "group '" + name.text() + "' has no leader");
    }
    return status;
  }

  private static List<Member> voters(GroupStatus status) {
    List<Member> voters = new ArrayList<>();
    for (GroupStatus.Member voter : status.voters()) {
      Address address = voter.address();
      if (address != null) {
        voters.add(new Member(voter.nodeId(), voter.directoryId(), address));
      }
    }
    return voters;
  }

  /** The node that is to have a vote, as it says itself. */
  private Member candidate(VoterChange.Add add, List<GroupStatus> before) throws Stop {
    Address address = addressOf(add.nodeId(), before.getFirst());
    VoterMessage answer = null;
    if (add.nodeId() == self.nodeId()) {
      answer = new VoterMessage.Self(self);
    } else if (address != null) {
      answer = ask(address, new VoterMessage.Who(), WHO_MS);
    }
    if (!(answer instanceof VoterMessage.Self(Member member)) || member.nodeId() != add.nodeId()) {
      throw new Stop(
          VoterChange.Error.NOT_REACHABLE,
          "node "
              + add.nodeId()
              + (address == null
                  ? " is not known; remedy: start it, with a voter's address to join by"
                  : " does not answer at " + address + "; remedy: start it"));
    }
    UUID asked = add.directoryId();
    if (asked != null && !asked.equals(member.directoryId())) {
      throw new Stop(
          VoterChange.Error.NOT_REACHABLE,
          "node " + add.nodeId() + " has directory " + member.directoryId() + ", not " + asked);
    }
    return member;
  }

  private @Nullable Address addressOf(int nodeId, GroupStatus status) {
    List<GroupStatus.Member> all = new ArrayList<>(status.observers());
    all.addAll(status.voters());
    for (GroupStatus.Member member : all) {
      if (member.nodeId() == nodeId && member.address() != null) {
        return member.address();
      }
    }
    return registered.apply(nodeId);
  }

  /** Counts those who live of the voters that there would be. */
  private void checkMajority(List<Member> wanted) throws Stop {
    if (wanted.isEmpty()) {
      throw new Stop(VoterChange.Error.NO_LIVE_MAJORITY, "no voter would be left");
    }
    List<CompletionStage<VoterMessage>> asked = new ArrayList<>();
    for (Member voter : wanted) {
      asked.add(
          isSame(self).test(voter)
              ? CompletableFuture.completedFuture(new VoterMessage.Self(self))
              : askAsync(voter.address(), new VoterMessage.Who(), WHO_MS));
    }
    List<Integer> silent = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      VoterMessage answer = await(asked.get(i), WHO_MS * 2);
      boolean lives =
          answer instanceof VoterMessage.Self(Member member) && isSame(wanted.get(i)).test(member);
      if (!lives) {
        silent.add(wanted.get(i).nodeId());
      }
    }
    int living = wanted.size() - silent.size();
    int needed = wanted.size() / 2 + 1;
    if (living < needed) {
      throw new Stop(
          VoterChange.Error.NO_LIVE_MAJORITY,
          "of "
              + wanted.size()
              + " voters only "
              + living
              + " would be alive, and "
              + needed
              + " are needed; nodes that do not answer: "
              + silent);
    }
  }

  /** What is to become of a list of voters. */
  @FunctionalInterface
  private interface Edit {
    List<Member> of(List<Member> voters);
  }

  /**
   * Makes the edit in one group, wherever that is led.
   *
   * @param begun whether the other group has been changed, so that giving up leaves half a change
   * @return whether something was changed
   */
  private boolean set(GroupStatus found, Edit edit, boolean begun) throws Stop {
    GroupName name = found.group();
    GroupStatus status = found;
    String problem = "";
    boolean tried = begun;
    for (int i = 0; i < TRIES_MAX; i++) {
      List<Member> voters = voters(status);
      List<Member> wanted = edit.of(voters);
      if (wanted.equals(voters)) {
        return tried;
      }
      VoterMessage.Set set = new VoterMessage.Set(name.id(), voters, wanted);
      VoterMessage answer = setAtLeader(set, status);
      if (answer instanceof VoterMessage.Ended(Outcome outcome)) {
        if (outcome.error() == VoterChange.Error.NONE) {
          return true;
        }
        problem = outcome.message();
        tried |= outcome.error() == VoterChange.Error.UNKNOWN_OUTCOME;
      } else if (answer instanceof VoterMessage.NotLeader && name == GroupName.LEADERSHIP) {
        throw new Stop(answer); // whoever asked finds the new leader, who finishes it
      } else {
        problem = "its leader did not answer";
        tried |= answer == null;
      }
      pause();
      status = status(name);
    }
    throw new Stop(
        tried ? VoterChange.Error.UNKNOWN_OUTCOME : VoterChange.Error.NOT_REACHABLE,
        "group '"
            + name.text()
            + "' did not change its voters: "
            + problem
            + (tried ? "; asking again finishes what was begun" : ""));
  }

  private @Nullable VoterMessage setAtLeader(VoterMessage.Set set, GroupStatus status) {
    if (status.leaderId() == self.nodeId()) {
      return await(set(set), SET_MS);
    }
    for (Member voter : voters(status)) {
      if (voter.nodeId() == status.leaderId()) {
        return ask(voter.address(), set, SET_MS);
      }
    }
    return null;
  }

  /** Sets the voters of a group that is led here. A leader that is taken out hands over first. */
  CompletionStage<VoterMessage> set(VoterMessage.Set set) {
    GroupNode<?, ?, ?> group = groups.get(set.group());
    HostedGroup<?, ?, ?> member = group.member();
    if (member == null || !group.leadsHere()) {
      return CompletableFuture.completedFuture(new VoterMessage.NotLeader());
    }
    if (set.wanted().stream().noneMatch(isSame(self))) {
      return handOver(member, set.wanted(), 0)
          .thenCompose(done ->
              done
                  ? CompletableFuture.completedFuture(new VoterMessage.NotLeader())
                  : setHere(member, set));
    }
    return setHere(member, set);
  }

  private static CompletionStage<Boolean> handOver(
      HostedGroup<?, ?, ?> member, List<Member> wanted, int next) {
    if (next == wanted.size()) {
      return CompletableFuture.completedFuture(false); // Raft elects somebody by itself then
    }
    return member
        .transferLeadership(wanted.get(next).nodeId())
        .thenCompose(done ->
            done ? CompletableFuture.completedFuture(true) : handOver(member, wanted, next + 1));
  }

  private static CompletionStage<VoterMessage> setHere(
      HostedGroup<?, ?, ?> member, VoterMessage.Set set) {
    return member.setVoters(set.expected(), set.wanted()).thenApply(VoterCoordinator::message);
  }

  private static VoterMessage message(VotersOutcome outcome) {
    return switch (outcome.kind()) {
      case DONE -> new VoterMessage.Ended(Outcome.DONE);
      case NOT_LEADER -> new VoterMessage.NotLeader();
      case CHANGED, IN_PROGRESS -> ended(VoterChange.Error.IN_PROGRESS, outcome);
      case NOT_CAUGHT_UP -> ended(VoterChange.Error.NOT_REACHABLE, outcome);
      case UNKNOWN -> ended(VoterChange.Error.UNKNOWN_OUTCOME, outcome);
    };
  }

  private static VoterMessage ended(VoterChange.Error error, VotersOutcome outcome) {
    return new VoterMessage.Ended(new Outcome(error, outcome.message()));
  }

  private @Nullable VoterMessage ask(Address address, VoterMessage question, long timeoutMs) {
    return await(askAsync(address, question, timeoutMs), timeoutMs * 2);
  }

  private CompletionStage<VoterMessage> askAsync(
      Address address, VoterMessage question, long timeoutMs) {
    return network
        .ask(address, PeerApi.VOTERS, question.encode(), timeoutMs)
        .thenApply(VoterMessage::decode);
  }

  /** Null where it failed or took too long. */
  private static <T extends @Nullable Object> @Nullable T await(
      CompletionStage<T> stage, long timeoutMs) {
    try {
      return stage.toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("no answer about voters", e);
      return null;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
