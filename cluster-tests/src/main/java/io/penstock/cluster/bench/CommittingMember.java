package io.penstock.cluster.bench;

import io.penstock.cluster.history.Waiting;
import io.penstock.cluster.wire.NodeClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;

/**
 * A member of a group that commits one offset a second and reads nothing. It runs on a virtual
 * thread of its own, with one connection.
 */
final class CommittingMember implements Runnable {
  private static final long COMMIT_EVERY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration BEFORE_AGAIN = Duration.ofSeconds(1);
  private static final int ANSWER_MS_MAX = 90_000;

  private final String bootstrap;
  private final String group;
  private final String topic;
  private final int partition;
  private final Membership membership;
  private final CommitFigures figures;
  private final Random random = new Random();
  private long offset;
  private volatile boolean stopping;

  CommittingMember(
      String bootstrap,
      String group,
      String topic,
      int partition,
      Membership membership,
      CommitFigures figures) {
    this.bootstrap = bootstrap;
    this.group = group;
    this.topic = topic;
    this.partition = partition;
    this.membership = membership;
    this.figures = figures;
  }

  void stop() {
    stopping = true;
  }

  @Override
  public void run() {
    boolean first = true;
    while (!stopping) {
      try (NodeClient coordinator = NodeClient.at(findCoordinator(), ANSWER_MS_MAX)) {
        membership.join(coordinator);
        if (first) {
          first = false;
          figures.joined();
        }
        stay(coordinator);
      } catch (IOException failure) {
        figures.failed(failure);
        Waiting.goBy(BEFORE_AGAIN);
      }
    }
  }

  private String findCoordinator() throws IOException {
    var data =
        new FindCoordinatorRequestData()
            .setKeyType(CoordinatorType.GROUP.id())
            .setCoordinatorKeys(List.of(group));
    try (NodeClient calls = NodeClient.at(bootstrap, ANSWER_MS_MAX)) {
      var found =
          calls
              .ask(new FindCoordinatorRequest.Builder(data).build(), FindCoordinatorResponse.class)
              .coordinators()
              .getFirst();
      if (found.errorCode() != Errors.NONE.code()) {
        throw new Membership.RefusedException("FindCoordinator: " + found.errorMessage());
      }
      return found.host() + ":" + found.port();
    }
  }

  private void stay(NodeClient coordinator) throws IOException {
    // Not all of them in the same moment of each second.
    long commitNs = System.nanoTime() + random.nextLong(COMMIT_EVERY_NS);
    long heartbeatNs = nextHeartbeatNs();
    while (!stopping) {
      long nextNs = commitNs - heartbeatNs < 0 ? commitNs : heartbeatNs;
      Waiting.goBy(Duration.ofNanos(Math.max(0, nextNs - System.nanoTime())));
      boolean isMember;
      if (nextNs == commitNs) {
        isMember = commit(coordinator);
        commitNs += COMMIT_EVERY_NS;
      } else {
        isMember = membership.heartbeat(coordinator);
        heartbeatNs = nextHeartbeatNs();
      }
      if (!isMember) {
        membership.join(coordinator);
      }
    }
  }

  private long nextHeartbeatNs() {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(membership.heartbeatMs());
  }

  private boolean commit(NodeClient coordinator) throws IOException {
    var one =
        new OffsetCommitRequestPartition()
            .setPartitionIndex(partition)
            .setCommittedOffset(++offset)
            .setCommittedMetadata("");
    var data =
        new OffsetCommitRequestData()
            .setGroupId(group)
            .setMemberId(membership.memberId())
            .setGenerationIdOrMemberEpoch(membership.epoch())
            .setTopics(
                List.of(new OffsetCommitRequestTopic().setName(topic).setPartitions(List.of(one))));
    long startNs = System.nanoTime();
    OffsetCommitResponse answer =
        coordinator.ask(
            OffsetCommitRequest.Builder.forTopicNames(data).build(), OffsetCommitResponse.class);
    Errors error =
        Errors.forCode(answer.data().topics().getFirst().partitions().getFirst().errorCode());
    return switch (error) {
      case NONE -> {
        figures.committed(System.nanoTime() - startNs);
        yield true;
      }
      case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH -> {
        figures.refused();
        yield membership.heartbeat(coordinator);
      }
      default -> throw new Membership.RefusedException("OffsetCommit: " + error);
    };
  }
}
