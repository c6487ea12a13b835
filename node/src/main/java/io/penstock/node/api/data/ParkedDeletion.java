package io.penstock.node.api.data;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.Cancellable;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.RequestContext;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A request that has deleted records here, and waits until the logs of all living replicas begin
 * where it asked for, or its time is up. As in Kafka, the answer's low watermark is the lowest of
 * their starts. It looks again and again, since it is the cluster's image too that says whom to
 * wait for; the leader tells its followers at once. Lives on the loop of its connection.
 */
final class ParkedDeletion {

  /** How often it looks; a round trip to a follower takes about as long. */
  private static final int LOOK_EACH_MS = 5;

  private final RequestContext context;
  private final PartitionLookup partitions;
  private final DeleteRecordsResponseData response;
  private final List<Pending> pending = new ArrayList<>();
  private int leftMs;
  private boolean ended;
  private @Nullable Cancellable timer;

  /** A partition whose replicas have to come up to where this one begins. */
  private record Pending(
      PartitionReplica replica, long start, DeleteRecordsPartitionResult answer) {}

  ParkedDeletion(
      RequestContext context, PartitionLookup partitions, DeleteRecordsResponseData response) {
    this.context = context;
    this.partitions = partitions;
    this.response = response;
  }

  /** Waits for the partition, whose log begins here at the offset now, before it answers that. */
  void await(PartitionReplica replica, long start, DeleteRecordsPartitionResult answer) {
    pending.add(new Pending(replica, start, answer));
  }

  /** On the loop: the answer leaves when all is done, or after this time. */
  void start(int timeoutMs) {
    leftMs = timeoutMs;
    context.whenAbandoned(this::abandon);
    if (!ended) {
      look();
    }
  }

  private void look() {
    if (ended) {
      return;
    }
    LeadershipImage image = partitions.image().leadership();
    pending.removeIf(each -> isSettled(image, each));
    if (pending.isEmpty() || leftMs <= 0) {
      ended = true;
      pending.forEach(each -> each.answer.setErrorCode(Errors.REQUEST_TIMED_OUT.code()));
      context.respond(response);
      return;
    }
    int delayMs = Math.min(LOOK_EACH_MS, leftMs);
    leftMs -= delayMs;
    timer = context.loop().schedule(delayMs, () -> context.attempt(this::look));
  }

  private static boolean isSettled(LeadershipImage image, Pending each) {
    PartitionReplica replica = each.replica;
    Refusal refusal = replica.check(replica.leaderEpoch(), true);
    if (refusal != null) {
      each.answer.setErrorCode(ApiErrors.of(refusal).code()).setLowWatermark(-1);
      return true;
    }
    long low = lowWatermark(image, replica);
    each.answer.setLowWatermark(low);
    return low >= each.start;
  }

  /** The lowest start of the logs of all replicas that are alive; -1 where one is not known. */
  private static long lowWatermark(LeadershipImage image, PartitionReplica leader) {
    long low = leader.logStartOffset();
    PartitionImage partition = image.partition(leader.id().topicId(), leader.id().partition());
    if (partition == null) {
      return low;
    }
    for (int i = 0; i < partition.replicas().size(); i++) {
      int node = partition.replicas().get(i);
      BrokerImage broker = image.broker(node);
      if (node != partition.leader() && broker != null && !broker.fenced()) {
        FollowerProgress follower = leader.follower(node);
        low =
            Math.min(
                low, follower == null ? FollowerProgress.UNKNOWN_START : follower.logStartOffset());
      }
    }
    return low;
  }

  private void abandon() {
    if (!ended) {
      ended = true;
      if (timer != null) {
        timer.cancel();
      }
      context.respondNothing();
    }
  }
}
