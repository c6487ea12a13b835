package io.penstock.replication.isr;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.liveness.LivenessLoop;
import io.penstock.replication.partition.IsrProposal;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.log.LogId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the partitions that are due judged by the newest state, and asks for their ISRs: all in one
 * command, one command at a time. What was not taken, or perhaps not, is due again. Where the
 * partition is found to have moved on, nothing is done: its replica is about to be told. Used on
 * the keeper's loop.
 */
final class IsrRequests {

  private static final Logger LOG = LoggerFactory.getLogger(IsrRequests.class);
  private static final long RETRY_MS_MIN = 20;
  private static final long RETRY_MS_MAX = 500;

  private final IsrSettings settings;
  private final LivenessLoop loop;
  private final Quorum quorum;
  private final LostPeers lost;
  private final Newcomers newcomers;
  private final LedPartitions led;
  private final IsrMetrics metrics;

  /** Longest due first. */
  private final Set<LogId> due = new LinkedHashSet<>();

  private boolean isUnderWay;
  private boolean isPausing;
  private boolean isClosed;
  private long retryMs = RETRY_MS_MIN;

  /** What was asked for one partition. */
  private record Asked(LogId id, IsrProposal proposal) {}

  IsrRequests(
      IsrSettings settings,
      LivenessLoop loop,
      Quorum quorum,
      LostPeers lost,
      Newcomers newcomers,
      LedPartitions led,
      IsrMetrics metrics) {
    this.settings = settings;
    this.loop = loop;
    this.quorum = quorum;
    this.lost = lost;
    this.newcomers = newcomers;
    this.led = led;
    this.metrics = metrics;
  }

  /** The partition is to be judged with the next {@link #ask}. */
  void add(LogId id) {
    due.add(id);
  }

  void close() {
    isClosed = true;
    due.clear();
  }

  /**
   * Asks for what is due, unless an answer or the end of a pause is waited for: then it goes on.
   */
  void ask() {
    if (isUnderWay || isPausing || isClosed || due.isEmpty()) {
      return;
    }
    LeadershipImage image = quorum.image();
    if (!quorum.isServing(image)) {
      return; // it leads nothing; a change of that is an occasion to come back
    }
    List<Asked> asked =
        takeDue(new Judge(image, loop.nowMs(), settings.lagTimeMaxMs(), lost, newcomers, false));
    if (asked.isEmpty()) {
      return;
    }
    isUnderWay = true;
    List<IsrChange> changes = asked.stream().map(each -> change(each, image)).toList();
    var _ =
        propose(new ChangeIsr(quorum.nodeId(), quorum.own().epoch(), changes))
            .whenComplete(
                (result, failure) -> loop.execute(() -> answered(asked, result, failure)));
  }

  private CompletionStage<LeadershipResult> propose(ChangeIsr command) {
    try {
      return quorum.propose().apply(command);
    } catch (RuntimeException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private List<Asked> takeDue(Judge strict) {
    Judge lenient = strict.needy(true);
    List<Asked> asked = new ArrayList<>();
    Iterator<LogId> ids = due.iterator();
    while (ids.hasNext() && asked.size() < settings.changesMax()) {
      LogId id = ids.next();
      ids.remove();
      LedPartition partition = led.find(id);
      if (partition == null) {
        continue;
      }
      IsrProposal proposal =
          partition.replica().proposeIsr(partition.needsMoreInSync() ? lenient : strict);
      if (proposal != null && !partition.isOutdated(proposal)) {
        asked.add(new Asked(id, proposal));
      }
    }
    return asked;
  }

  private static IsrChange change(Asked asked, LeadershipImage image) {
    IsrProposal proposal = asked.proposal;
    List<IsrMember> members = new ArrayList<>(proposal.wanted().size());
    for (int node : proposal.wanted().toArray()) {
      // Who joins was seen under this very epoch; who stays cannot have had another one meanwhile,
      // or the partition epoch would be another one too.
      BrokerImage broker = image.broker(node);
      members.add(new IsrMember(node, broker == null ? -1 : broker.epoch()));
    }
    return new IsrChange(
        asked.id.topicId(),
        asked.id.partition(),
        proposal.leaderEpoch(),
        proposal.partitionEpoch(),
        members);
  }

  private void answered(
      List<Asked> asked, @Nullable LeadershipResult result, @Nullable Throwable failure) {
    isUnderWay = false;
    if (isClosed) {
      return;
    }
    switch (result) {
      case PartitionsResult(List<PartitionOutcome> outcomes) when outcomes.size() == asked.size() ->
          answered(asked, outcomes);
      case Refused(var error, String message) -> refused(asked, error + ": " + message);
      case PartitionsResult _, BrokerResult _, TopicsResult _ ->
          refused(asked, "an answer to something else: " + result);
      case null -> refused(asked, String.valueOf(failure));
    }
    ask();
  }

  private void answered(List<Asked> asked, List<PartitionOutcome> outcomes) {
    List<Asked> again = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      PartitionOutcome outcome = outcomes.get(i);
      Asked each = asked.get(i);
      LedPartition partition = led.find(each.id);
      if (partition != null) {
        partition.answered(outcome);
      }
      switch (outcome.error()) {
        case NONE -> taken(each);
        case STALE_PARTITION_EPOCH,
            FENCED_LEADER_EPOCH,
            NOT_LEADER,
            UNKNOWN_TOPIC,
            UNKNOWN_PARTITION -> {
          metrics.failures().mark();
          LOG.debug("ISR has moved on: partition={} error={}", each.id, outcome.error());
        }
        default -> {
          // The cluster knows of a member what this node did not yet: that one is judged anew.
          metrics.failures().mark();
          LOG.info("ISR was refused: partition={} error={}", each.id, outcome.error());
          again.add(each);
        }
      }
    }
    if (again.isEmpty()) {
      retryMs = RETRY_MS_MIN;
    } else {
      later(again);
    }
  }

  private void taken(Asked asked) {
    NodeIds before = asked.proposal.current();
    NodeIds after = asked.proposal.wanted();
    if (!after.containsAll(before)) {
      metrics.shrinks().mark();
    }
    if (!before.containsAll(after)) {
      metrics.expands().mark();
    }
    LOG.info("ISR changed: partition={} from={} to={}", asked.id, before, after);
  }

  /** Nothing was taken, or nobody knows: whoever asks now would hear the same. */
  private void refused(List<Asked> asked, String why) {
    metrics.failures().mark();
    LOG.info("ISRs will be asked for again: partitions={} why={}", asked.size(), why);
    isPausing = true;
    later(asked);
  }

  private void later(List<Asked> again) {
    boolean endsPause = isPausing;
    var _ =
        loop.after(
            retryMs,
            () -> {
              again.forEach(each -> due.add(each.id));
              isPausing &= !endsPause;
              ask();
            });
    retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
  }
}
