package io.penstock.node.api.data;

import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.ReservedTopics;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.ReplicaAppend;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.log.AppendOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Produce: appends each partition's batch on the event loop that read it, straight from the frame's
 * buffer, and answers never ({@code acks=0}), when all of it is committed ({@code acks=all}), or at
 * once ({@code acks=1}) but for what {@code flush.messages} wants on the disk first. One
 * partition's failure is no other's. A node that the quorum has not answered for a session takes
 * nothing: others lead by now what it believes to lead.
 */
public final class ProduceHandler extends TypedHandler<ProduceRequestData> {

  private static final short NO_ACKS = 0;
  static final short FIRST_WITH_TOPIC_IDS = 13;

  private final PartitionLookup partitions;
  private final BooleanSupplier cutOff;
  private final ProducerPause pause;
  private final LongSupplier clock;
  private final Meter bytes;
  private final Meter records;

  /**
   * @param cutOff whether this node has heard nothing from the quorum for a session
   * @param pause when producers are asked to wait, and what counts their requests
   */
  public ProduceHandler(
      PartitionLookup partitions,
      BooleanSupplier cutOff,
      ProducerPause pause,
      LongSupplier clock,
      MetricRegistry metrics) {
    super(ApiKeys.PRODUCE, ProduceRequestData.class, 3, 13);
    this.partitions = partitions;
    this.cutOff = cutOff;
    this.pause = pause;
    this.clock = clock;
    this.bytes = metrics.meter("penstock.produce.bytes");
    this.records = metrics.meter("penstock.produce.records");
  }

  @Override
  protected void serve(RequestContext context, ProduceRequestData request) {
    pause.requested();
    Round round = new Round(context, request, clock.getAsLong());
    try {
      for (TopicProduceData topic : request.topicData()) {
        round.append(topic);
      }
    } catch (RuntimeException | Error bug) {
      round.giveUp();
      throw bug;
    }
    bytes.mark(round.bytes);
    records.mark(round.records);
    round.end();
  }

  @Override
  public @Nullable ApiMessage failure(RequestContext context, ApiMessage request, Throwable cause) {
    if (!(request instanceof ProduceRequestData produce) || produce.acks() == NO_ACKS) {
      return null;
    }
    ProduceResponseData response = new ProduceResponseData();
    for (TopicProduceData topic : produce.topicData()) {
      List<PartitionProduceResponse> answers = new ArrayList<>(topic.partitionData().size());
      for (PartitionProduceData partition : topic.partitionData()) {
        answers.add(refused(partition.index(), Errors.UNKNOWN_SERVER_ERROR, null));
      }
      response.responses().add(answerOf(topic, answers));
    }
    return response;
  }

  private static TopicProduceResponse answerOf(
      TopicProduceData topic, List<PartitionProduceResponse> answers) {
    return new TopicProduceResponse()
        .setName(topic.name())
        .setTopicId(topic.topicId())
        .setPartitionResponses(answers);
  }

  private static PartitionProduceResponse refused(
      int partition, Errors error, @Nullable String message) {
    return new PartitionProduceResponse()
        .setIndex(partition)
        .setErrorCode(error.code())
        .setErrorMessage(message)
        .setBaseOffset(-1)
        .setLogAppendTimeMs(-1)
        .setLogStartOffset(-1);
  }

  /** One request, while its partitions are appended to. */
  private final class Round {
    private final RequestContext context;
    private final ProduceRequestData request;
    private final boolean byId;
    private final long nowMs;
    private final ProduceResponseData response = new ProduceResponseData();
    private final LeaderHints hints;
    private final boolean isCutOff;
    private @Nullable ParkedProduce parked;
    private Errors firstError = Errors.NONE;
    private long bytes;
    private long records;

    private Round(RequestContext context, ProduceRequestData request, long nowMs) {
      this.context = context;
      this.request = request;
      this.byId = context.apiVersion() >= FIRST_WITH_TOPIC_IDS;
      this.nowMs = nowMs;
      this.hints = new LeaderHints(partitions, response, context.apiVersion(), cutOff);
      this.isCutOff = cutOff.getAsBoolean();
    }

    private void append(TopicProduceData topic) {
      List<PartitionProduceData> data = topic.partitionData();
      List<PartitionProduceResponse> answers = new ArrayList<>(data.size());
      for (int i = 0; i < data.size(); i++) {
        PartitionProduceResponse answer = append(topic, data.get(i));
        if (firstError == Errors.NONE && answer.errorCode() != Errors.NONE.code()) {
          firstError = Errors.forCode(answer.errorCode());
        }
        answers.add(answer);
      }
      response.responses().add(answerOf(topic, answers));
    }

    private PartitionProduceResponse append(TopicProduceData topic, PartitionProduceData data) {
      int index = data.index();
      short acks = request.acks();
      if (acks < PartitionReplica.ACKS_ALL || acks > 1) {
        return refused(index, Errors.INVALID_REQUIRED_ACKS, null);
      }
      ByteBuffer batch = WireRecords.bytesOf(data.records());
      ProduceBatch problem =
          ProduceBatch.problem(batch, context.apiVersion(), request.transactionalId());
      if (problem != null || batch == null) {
        Errors error = problem == null ? Errors.INVALID_RECORD : problem.error();
        return refused(index, error, problem == null ? null : problem.message());
      }
      PartitionReplica replica = find(topic, index);
      if (replica == null) {
        Errors why =
            byId
                ? partitions.whyMissing(topic.topicId(), index)
                : partitions.whyMissing(topic.name(), index);
        return hinted(topic, refused(index, why, null));
      }
      if (ReservedTopics.isInternal(replica.id().topic())
          && !ReservedTopics.isWriter(context.clientId())) {
        return refused(index, Errors.INVALID_TOPIC_EXCEPTION, "the brokers' own topic");
      }
      if (isCutOff) {
        return refused(
            index, Errors.NOT_LEADER_OR_FOLLOWER, "this node is cut off from the quorum");
      }
      int size = batch.remaining();
      int count = RecordBatch.recordCount(batch, batch.position());
      return switch (replica.append(batch, acks, nowMs, context.wakeups())) {
        case ReplicaAppend.Refused(Refusal refusal, String message) ->
            hinted(topic, refused(index, ApiErrors.of(refusal), message));
        case ReplicaAppend.Answered(AppendOutcome outcome, int leaderEpoch) ->
            switch (outcome) {
              case AppendOutcome.Rejected(var error, String message) ->
                  refused(index, ApiErrors.of(error), message);
              case AppendOutcome.Appended(long first, long last, long timeMs, long logStart) -> {
                bytes += size;
                records += count;
                yield stored(
                    replica, leaderEpoch, last, topic, answer(index, first, timeMs, logStart));
              }
              case AppendOutcome.Duplicate(long first, long last, long timeMs, long logStart) ->
                  stored(replica, leaderEpoch, last, topic, again(index, first, timeMs, logStart));
            };
      };
    }

    private @Nullable PartitionReplica find(TopicProduceData topic, int partition) {
      return byId
          ? partitions.find(topic.topicId(), partition)
          : partitions.find(topic.name(), partition);
    }

    private PartitionProduceResponse answer(
        int index, long firstOffset, long appendTimeMs, long logStartOffset) {
      return new PartitionProduceResponse()
          .setIndex(index)
          .setBaseOffset(firstOffset)
          .setLogAppendTimeMs(appendTimeMs)
          .setLogStartOffset(logStartOffset);
    }

    /** Clients take this error for an ack without an offset; they get it when an ack would go. */
    private PartitionProduceResponse again(
        int index, long firstOffset, long appendTimeMs, long logStartOffset) {
      Errors error = firstOffset < 0 ? Errors.DUPLICATE_SEQUENCE_NUMBER : Errors.NONE;
      return answer(index, firstOffset, appendTimeMs, logStartOffset).setErrorCode(error.code());
    }

    private PartitionProduceResponse stored(
        PartitionReplica replica,
        int leaderEpoch,
        long lastOffset,
        TopicProduceData topic,
        PartitionProduceResponse answer) {
      int acks = request.acks();
      if (acks != NO_ACKS && !replica.mayAcknowledge(acks, lastOffset)) {
        if (parked == null) {
          parked = new ParkedProduce(context, acks, response, hints, pause);
        }
        parked.await(replica, lastOffset, leaderEpoch, topic, answer);
      }
      return answer;
    }

    private PartitionProduceResponse hinted(
        TopicProduceData topic, PartitionProduceResponse answer) {
      hints.add(topic, answer);
      return answer;
    }

    /** Somebody else answers: nobody may do so for what was appended so far. */
    private void giveUp() {
      if (parked != null) {
        parked.giveUp();
      }
    }

    private void end() {
      if (request.acks() == NO_ACKS) {
        if (firstError == Errors.NONE) {
          context.respondNothing();
        } else {
          // There is no response to put the error in; Kafka closes the connection as well, so that
          // the producer looks for a new leader.
          context.closeConnection("produce without acks failed: " + firstError);
        }
        return;
      }
      if (parked == null) {
        context.respond(response.setThrottleTimeMs(pause.remainingMs()));
        return;
      }
      parked.start(request.timeoutMs());
    }
  }
}
