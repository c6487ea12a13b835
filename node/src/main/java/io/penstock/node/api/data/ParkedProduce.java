package io.penstock.node.api.data;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.Cancellable;
import io.penstock.node.api.RequestContext;
import io.penstock.replication.partition.AckWaiter;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.Ticket;
import io.penstock.replication.partition.WakeTarget;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A produce request that waits until what it appended may be acknowledged on all of its partitions,
 * or its time is up: with {@code acks=all} until it is committed, else until it is on the disk
 * where {@code flush.messages} asks for that. Lives on the loop of its connection.
 */
final class ParkedProduce {

  private final RequestContext context;
  private final int requiredAcks;
  private final ProduceResponseData response;
  private final LeaderHints hints;
  private final ProducerPause pause;
  private final List<PartitionAck> waiting = new ArrayList<>();
  private int open;
  private boolean ended;
  private @Nullable Cancellable timer;

  ParkedProduce(
      RequestContext context,
      int requiredAcks,
      ProduceResponseData response,
      LeaderHints hints,
      ProducerPause pause) {
    this.context = context;
    this.requiredAcks = requiredAcks;
    this.response = response;
    this.hints = hints;
    this.pause = pause;
  }

  /** Waits for one partition; what the answer says is right once that may be acknowledged. */
  void await(
      PartitionReplica replica,
      long lastOffset,
      int leaderEpoch,
      TopicProduceData topic,
      PartitionProduceResponse answer) {
    PartitionAck ack = new PartitionAck(topic, answer);
    Ticket ticket = replica.awaitAck(requiredAcks, lastOffset, leaderEpoch, ack);
    if (ticket == null) {
      ack.write();
      return;
    }
    ack.ticket = ticket;
    waiting.add(ack);
    open++;
  }

  /** All partitions have been appended to: from here on the answer may leave. */
  void start(int timeoutMs) {
    if (open == 0) {
      end();
      return;
    }
    context.whenAbandoned(this::abandon);
    if (!ended) {
      timer = context.loop().schedule(Math.max(0, timeoutMs), this::timeOut);
    }
  }

  private void timeOut() {
    if (ended) {
      return;
    }
    for (PartitionAck ack : waiting) {
      if (ack.leave()) {
        ack.answer.setErrorCode(Errors.REQUEST_TIMED_OUT.code());
      } else {
        ack.write();
      }
    }
    end();
  }

  private void abandon() {
    if (ended) {
      return;
    }
    giveUp();
    context.respondNothing();
  }

  /** Leaves all partitions without an answer. */
  void giveUp() {
    ended = true;
    waiting.forEach(PartitionAck::leave);
    cancelTimer();
  }

  private void end() {
    ended = true;
    cancelTimer();
    context.respond(response.setThrottleTimeMs(pause.remainingMs()));
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** One partition of the request. */
  private final class PartitionAck implements AckWaiter {
    private final TopicProduceData topic;
    private final PartitionProduceResponse answer;
    private @Nullable Ticket ticket;
    private volatile @Nullable Refusal refusal;

    private PartitionAck(TopicProduceData topic, PartitionProduceResponse answer) {
      this.topic = topic;
      this.answer = answer;
    }

    @Override
    public WakeTarget home() {
      return context.home();
    }

    @Override
    public void settle(@Nullable Refusal outcome) {
      refusal = outcome;
    }

    @Override
    public void run() {
      context.attempt(this::take);
    }

    private void take() {
      if (ended) {
        return;
      }
      write();
      open--;
      if (open == 0) {
        ParkedProduce.this.end();
      }
    }

    private boolean leave() {
      return ticket != null && ticket.leave();
    }

    private void write() {
      Refusal outcome = refusal;
      if (outcome != null) {
        answer.setErrorCode(ApiErrors.of(outcome).code()).setErrorMessage(outcome.toString());
        hints.add(topic, answer);
      }
    }
  }
}
