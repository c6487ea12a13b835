package io.penstock.node.api.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.api.ManualLoop;
import io.penstock.node.api.RecordedContext;
import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Producer ids are handed out without waiting, once each, from blocks asked for ahead. */
final class InitProducerIdHandlerTest {

  private final ManualLoop loop = new ManualLoop();
  private final ArrayDeque<CompletableFuture<MetadataResult>> asked = new ArrayDeque<>();
  private final InitProducerIdHandler handler =
      new InitProducerIdHandler(new ProducerIds(1, this::allocate));

  private CompletionStage<MetadataResult> allocate(AllocateProducerIds command) {
    assertEquals(1, command.brokerId());
    CompletableFuture<MetadataResult> answer = new CompletableFuture<>();
    asked.add(answer);
    return answer;
  }

  private RecordedContext init(InitProducerIdRequestData request) {
    RecordedContext context = new RecordedContext(loop, 5);
    handler.handle(context, request);
    return context;
  }

  private RecordedContext init() {
    return init(new InitProducerIdRequestData().setTransactionalId(null));
  }

  private static long idOf(RecordedContext context) {
    InitProducerIdResponseData response = context.response(InitProducerIdResponseData.class);
    assertEquals(Errors.NONE, Errors.forCode(response.errorCode()));
    assertEquals(0, response.producerEpoch());
    return response.producerId();
  }

  private static Errors errorOf(RecordedContext context) {
    InitProducerIdResponseData response = context.response(InitProducerIdResponseData.class);
    assertEquals(-1, response.producerId());
    assertEquals(-1, response.producerEpoch());
    return Errors.forCode(response.errorCode());
  }

  @Test
  void firstOnesWaitForABlockAndTheRestDoNot() {
    RecordedContext first = init();
    RecordedContext second = init();
    assertFalse(first.isEnded());
    assertEquals(1, asked.size(), "one request for a block at a time");

    asked.remove().complete(new ProducerIdBlock(7_000, 1_000));

    assertEquals(7_000, idOf(first));
    assertEquals(7_001, idOf(second));
    assertEquals(7_002, idOf(init()));
  }

  @Test
  void nextBlockIsAskedForAheadAndNoIdIsGivenTwice() {
    RecordedContext first = init();
    asked.remove().complete(new ProducerIdBlock(0, 1_000));
    assertEquals(0, idOf(first));
    for (int i = 1; i < 950; i++) {
      assertEquals(i, idOf(init()));
    }
    assertEquals(1, asked.size());

    asked.remove().complete(new ProducerIdBlock(5_000, 1_000));

    for (int i = 950; i < 1_000; i++) {
      assertEquals(i, idOf(init()));
    }
    assertEquals(5_000, idOf(init()));
  }

  @Test
  void thoseWhoWaitAreToldWhenNoBlockCanBeHad() {
    RecordedContext context = init();

    asked.remove().completeExceptionally(new IllegalStateException("no quorum"));

    assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, errorOf(context));
    RecordedContext again = init();
    asked.remove().complete(new ProducerIdBlock(1, 10));
    assertEquals(1, idOf(again));
  }

  @Test
  void producerWithAnIdGetsANewOne() {
    RecordedContext context =
        init(
            new InitProducerIdRequestData()
                .setTransactionalId(null)
                .setProducerId(3)
                .setProducerEpoch((short) 4));
    asked.remove().complete(new ProducerIdBlock(9, 1_000));

    assertEquals(9, idOf(context));
  }

  @Test
  void nonsenseAndTransactionsAreRefused() {
    assertEquals(
        Errors.INVALID_REQUEST,
        errorOf(init(new InitProducerIdRequestData().setTransactionalId(null).setProducerId(3))));
    assertEquals(
        Errors.INVALID_REQUEST,
        errorOf(
            init(
                new InitProducerIdRequestData()
                    .setTransactionalId(null)
                    .setProducerEpoch((short) 3))));
    assertEquals(
        Errors.INVALID_REQUEST,
        errorOf(init(new InitProducerIdRequestData().setTransactionalId(""))));
    assertEquals(
        Errors.COORDINATOR_NOT_AVAILABLE,
        errorOf(init(new InitProducerIdRequestData().setTransactionalId("mine"))));
    assertNull(asked.poll());
  }
}
