package io.penstock.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

/** How requests end whose outcome comes later. */
class LaterAnswerTest {

  private final ManualLoop loop = new ManualLoop();
  private final RecordedContext context = new RecordedContext(loop, 0);
  private final CompletableFuture<Short> outcome = new CompletableFuture<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  @Test
  void respondsWithWhatIsMadeOfTheOutcome() {
    respondWhenKnown();
    assertFalse(context.isEnded());

    outcome.complete((short) 7);

    assertEquals(7, code());
  }

  @Test
  void respondsWithWhatIsMadeOfTheFailureItself() {
    respondWhenKnown();

    outcome.completeExceptionally(new CompletionException(new IllegalStateException("no")));

    assertEquals(-1, code());
    assertInstanceOf(IllegalStateException.class, failure.get());
  }

  @Test
  void closesTheConnectionWhereNoAnswerCanBeMade() {
    LaterAnswer.respondWhen(
        context,
        outcome,
        _ -> {
          throw new IllegalStateException("no answer");
        },
        this::failed);

    outcome.complete((short) 7);

    assertTrue(String.valueOf(context.closeReason()).contains("no answer"));
  }

  @Test
  void answersOnTheRequestsOwnLoop() {
    loop.leave();
    respondWhenKnown();

    outcome.complete((short) 7);
    assertFalse(context.isEnded());
    loop.runRound();

    assertEquals(7, code());
  }

  @Test
  void failsWhatTakesLongerThanItsLimitOnce() {
    LaterAnswer.respondWithin(100, context, outcome, this::done, this::failed);

    loop.advance(100);

    assertEquals(-1, code());
    assertInstanceOf(TimeoutException.class, failure.get());
    outcome.complete((short) 7);
    loop.runRound();
    assertEquals(-1, code());
  }

  @Test
  void leavesNoTimerBehind() {
    LaterAnswer.respondWithin(100, context, outcome, this::done, this::failed);

    outcome.complete((short) 7);

    assertEquals(0, loop.timers());
    assertEquals(7, code());
  }

  private void respondWhenKnown() {
    LaterAnswer.respondWhen(context, outcome, this::done, this::failed);
  }

  private short code() {
    return context.response(ListGroupsResponseData.class).errorCode();
  }

  private ApiMessage done(short code) {
    return new ListGroupsResponseData().setErrorCode(code);
  }

  private ApiMessage failed(Throwable cause) {
    failure.set(cause);
    return done((short) -1);
  }
}
