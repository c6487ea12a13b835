package io.penstock.replication.cluster;

import io.penstock.replication.observer.GroupView;
import io.penstock.replication.observer.ObserverPositions.Seen;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.raft.GroupMembers;
import io.penstock.replication.raft.HostedGroup;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.UnknownFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who follows a group, and how far each is: the voters as the leader knows them, the observers as
 * any voter has heard of them, by polls and by what the heartbeats told. All voters are asked, as
 * each serves some of the observers. Any thread may call.
 */
final class StatusReporter {

  private static final long ASK_MS = 2_000;
  private static final int TRIES_MAX = 8;
  private static final long RETRY_MS = 300;

  private final int selfId;
  private final PeerNetwork network;
  private final Tasks timer;
  private final List<GroupNode<?, ?, ?>> groups;
  private final Map<String, Long> caughtUpMs = new ConcurrentHashMap<>();
  private volatile Function<GroupName, List<GroupStatus.Member>> heartbeats = _ -> List.of();

  StatusReporter(int selfId, PeerNetwork network, Tasks timer, List<GroupNode<?, ?, ?>> groups) {
    this.selfId = selfId;
    this.network = network;
    this.timer = timer;
    this.groups = List.copyOf(groups);
  }

  /** Where to find what heartbeats told of brokers, if this node hears them. */
  void setHeartbeats(Function<GroupName, List<GroupStatus.Member>> source) {
    heartbeats = source;
  }

  PeerHandler handler() {
    return (_, body) -> {
      int number = StatusAnswer.decodeRequest(body);
      return number >= groups.size()
          ? CompletableFuture.failedFuture(new IllegalArgumentException("no group " + number))
          : CompletableFuture.completedFuture(local(groups.get(number)).encode());
    };
  }

  /** What the group's leader and the other voters know. */
  CompletionStage<GroupStatus> describe(GroupName name) {
    CompletableFuture<GroupStatus> status = new CompletableFuture<>();
    describe(groups.get(name.id()), TRIES_MAX, status);
    return status;
  }

  private void describe(
      GroupNode<?, ?, ?> group, int triesLeft, CompletableFuture<GroupStatus> status) {
    List<CompletableFuture<Optional<StatusAnswer>>> asked = new ArrayList<>();
    asked.add(CompletableFuture.completedFuture(Optional.of(local(group))));
    for (Introduction.Member voter : group.view().voters()) {
      if (voter.nodeId() != selfId) {
        asked.add(ask(group, voter).toCompletableFuture());
      }
    }
    var _ =
        CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
            .whenComplete((_, _) -> {
              List<StatusAnswer> answers =
                  asked.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList();
              GroupStatus joined = join(group.name(), answers);
              if (joined != null) {
                status.complete(joined);
              } else if (triesLeft > 1) {
                timer.runAfter(RETRY_MS, () -> describe(group, triesLeft - 1, status));
              } else {
                status.completeExceptionally(
                    ControlUnavailableException.nothingAsked(
                        "group '" + group.name().text() + "' has no leader that answers", null));
              }
            });
  }

  private CompletionStage<Optional<StatusAnswer>> ask(
      GroupNode<?, ?, ?> group, Introduction.Member voter) {
    byte[] request = StatusAnswer.encodeRequest(group.name().id());
    return network
        .ask(voter.address(), PeerApi.STATUS, request, ASK_MS)
        .handle((bytes, _) -> {
          try {
            return bytes == null ? Optional.empty() : Optional.of(StatusAnswer.decode(bytes));
          } catch (UnknownFormatException _) {
            return Optional.empty(); // of another version: as good as silent
          }
        });
  }

  private static @Nullable GroupStatus join(GroupName name, List<StatusAnswer> answers) {
    StatusAnswer leader = null;
    for (StatusAnswer answer : answers) {
      if (answer.leads() && (leader == null || answer.view().term() > leader.view().term())) {
        leader = answer;
      }
    }
    if (leader == null) {
      return null;
    }
    Map<Integer, GroupStatus.Member> observers = new TreeMap<>();
    for (StatusAnswer answer : answers) {
      for (GroupStatus.Member seen : answer.observers()) {
        observers.merge(seen.nodeId(), seen, StatusReporter::newer);
      }
    }
    for (GroupStatus.Member voter : leader.voters()) {
      // A voter whose disk was wiped follows under another directory, without a vote.
      observers.computeIfPresent(
          voter.nodeId(),
          (_, seen) -> seen.directoryId().equals(voter.directoryId()) ? null : seen);
    }
    return new GroupStatus(
        name,
        leader.view().leaderId(),
        leader.view().term(),
        leader.committedIndex(),
        leader.voters(),
        List.copyOf(observers.values()));
  }

  private static GroupStatus.Member newer(GroupStatus.Member one, GroupStatus.Member other) {
    GroupStatus.Member later = one.lastContactMs() >= other.lastContactMs() ? one : other;
    return new GroupStatus.Member(
        later.nodeId(),
        later.directoryId(),
        later.address() != null
            ? later.address()
            : one.address() != null ? one.address() : other.address(),
        Math.max(one.lastIndex(), other.lastIndex()),
        later.lastContactMs(),
        Math.max(one.lastCaughtUpMs(), other.lastCaughtUpMs()));
  }

  /** What this node knows. */
  private StatusAnswer local(GroupNode<?, ?, ?> group) {
    long nowMs = System.currentTimeMillis();
    List<GroupStatus.Member> observers = new ArrayList<>(heartbeats.apply(group.name()));
    for (Seen seen : group.feed().positions().list(nowMs)) {
      observers.add(
          new GroupStatus.Member(
              seen.member().nodeId(),
              seen.member().directoryId(),
              seen.member().address(),
              seen.lastIndex(),
              seen.lastContactMs(),
              seen.lastCaughtUpMs()));
    }
    HostedGroup<?, ?, ?> member = group.member();
    Optional<GroupMembers> members = member == null ? Optional.empty() : member.members();
    return members
        .map(known -> ofLeader(group, known, observers, nowMs))
        .orElseGet(() -> new StatusAnswer(false, group.view(), -1, List.of(), observers));
  }

  private StatusAnswer ofLeader(
      GroupNode<?, ?, ?> group,
      GroupMembers members,
      List<GroupStatus.Member> observers,
      long nowMs) {
    List<GroupStatus.Member> voters = new ArrayList<>();
    List<Introduction.Member> names = new ArrayList<>();
    for (GroupMembers.Progress progress : members.voters()) {
      Introduction.Member voter = progress.member();
      names.add(voter);
      String key = group.name() + "/" + voter.nodeId() + "/" + voter.directoryId();
      if (progress.matchIndex() >= members.committedIndex()) {
        caughtUpMs.put(key, nowMs);
      }
      voters.add(
          new GroupStatus.Member(
              voter.nodeId(),
              voter.directoryId(),
              voter.address(),
              progress.matchIndex(),
              progress.lastContactMs(),
              caughtUpMs.getOrDefault(key, -1L)));
    }
    GroupView view = new GroupView(members.leaderId(), members.term(), names);
    return new StatusAnswer(true, view, members.committedIndex(), voters, observers);
  }
}
