package io.penstock.client.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.penstock.client.net.BrokerConnectionException.Kind;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.ReceivedResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** Answers find their requests, and no buffer is forgotten on the way. */
class PendingRequestsTest {

  private final PendingRequests pending =
      new PendingRequests(new Endpoint("broker", 1), FrameLimits.responses());
  private final EmbeddedChannel channel = new EmbeddedChannel(pending);

  @Test
  void answersGoToTheRequestsInTheirOrder() {
    CompletableFuture<ReceivedResponse> first = send(1, 60_000);
    CompletableFuture<ReceivedResponse> second = send(2, 60_000);

    channel.writeInbound(heartbeatAnswer(1));

    assertEquals(1, pending.inFlight());
    assertEquals(1, first.join().correlationId());
    assertFalse(second.isDone());
    first.join().close();
  }

  @Test
  void answerThatNobodyWaitsForAnyMoreIsReleased() {
    send(1, 60_000).cancel(false);
    ByteBuf answer = heartbeatAnswer(1);

    channel.writeInbound(answer);

    assertEquals(0, answer.refCnt());
    assertTrue(channel.isOpen());
  }

  @Test
  void answerOutOfOrderEndsTheConnection() {
    CompletableFuture<ReceivedResponse> first = send(1, 60_000);
    CompletableFuture<ReceivedResponse> second = send(2, 60_000);
    ByteBuf answer = heartbeatAnswer(2);

    channel.writeInbound(answer);

    assertEquals(Kind.MALFORMED, failureOf(first));
    assertEquals(Kind.MALFORMED, failureOf(second));
    assertEquals(0, answer.refCnt());
    assertFalse(channel.isOpen());
  }

  @Test
  void answerThatNobodyAskedForEndsTheConnection() {
    ByteBuf answer = heartbeatAnswer(1);

    channel.writeInbound(answer);

    assertEquals(0, answer.refCnt());
    assertFalse(channel.isOpen());
  }

  @Test
  void missedDeadlineEndsTheConnectionThoughAnotherRequestHasTime() {
    channel.freezeTime();
    CompletableFuture<ReceivedResponse> patient = send(1, 60_000);
    CompletableFuture<ReceivedResponse> hasty = send(2, 0);

    channel.advanceTimeBy(1, TimeUnit.MINUTES);
    channel.runScheduledPendingTasks();

    assertEquals(Kind.TIMED_OUT, failureOf(hasty));
    assertEquals(Kind.TIMED_OUT, failureOf(patient));
    assertFalse(channel.isOpen());
  }

  @Test
  void requestAfterTheEndFailsAndItsFrameIsReleased() {
    var unused = channel.close();
    ByteBuf frame = Unpooled.directBuffer().writeInt(0);
    CompletableFuture<ReceivedResponse> answer = new CompletableFuture<>();

    pending.send(channel.pipeline().firstContext(), frame, request(1, 60_000, answer));

    assertEquals(Kind.CLOSED, failureOf(answer));
    assertEquals(0, frame.refCnt());
  }

  private CompletableFuture<ReceivedResponse> send(int correlationId, long timeoutMs) {
    CompletableFuture<ReceivedResponse> answer = new CompletableFuture<>();
    assertTrue(pending.reserve(10));
    pending.send(
        channel.pipeline().firstContext(),
        Unpooled.buffer().writeInt(0),
        request(correlationId, timeoutMs, answer));
    return answer;
  }

  private static PendingRequest request(
      int correlationId, long timeoutMs, CompletableFuture<ReceivedResponse> answer) {
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    return new PendingRequest(ApiKeys.HEARTBEAT, (short) 0, correlationId, deadlineNs, answer);
  }

  private static ByteBuf heartbeatAnswer(int correlationId) {
    return Unpooled.directBuffer().writeInt(correlationId).writeShort(0);
  }

  private static Kind failureOf(CompletableFuture<?> answer) {
    assertTrue(answer.isDone());
    CompletionException failure = assertThrows(CompletionException.class, answer::join);
    return assertInstanceOf(BrokerConnectionException.class, failure.getCause()).kind();
  }
}
