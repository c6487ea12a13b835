package io.penstock.node.api.data;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * InitProducerId for idempotent producers. One that already has an id and wants its epoch raised
 * gets a new id with epoch 0, as from Kafka: without a transactional id nothing ties an id to its
 * producer, and the client raises the epoch of its own id by itself (KIP-360). Transactional
 * producers find no coordinator.
 */
public final class InitProducerIdHandler extends TypedHandler<InitProducerIdRequestData> {

  private static final long NO_PRODUCER_ID = -1;
  private static final short NO_PRODUCER_EPOCH = -1;

  private final ProducerIds ids;

  public InitProducerIdHandler(ProducerIds ids) {
    super(ApiKeys.INIT_PRODUCER_ID, InitProducerIdRequestData.class, 0, 5);
    this.ids = ids;
  }

  @Override
  protected void serve(RequestContext context, InitProducerIdRequestData request) {
    Errors refusal = check(request);
    if (refusal != Errors.NONE) {
      context.respond(refused(refusal));
      return;
    }
    ids.take(id -> LaterAnswer.resume(context, () -> context.respond(answer(id))));
  }

  @Override
  public ApiMessage failure(RequestContext context, ApiMessage request, Throwable cause) {
    return refused(Errors.UNKNOWN_SERVER_ERROR);
  }

  private static Errors check(InitProducerIdRequestData request) {
    @Nullable String transactionalId = request.transactionalId();
    if (transactionalId != null) {
      return transactionalId.isEmpty() ? Errors.INVALID_REQUEST : Errors.COORDINATOR_NOT_AVAILABLE;
    }
    boolean hasId = request.producerId() != NO_PRODUCER_ID;
    boolean hasEpoch = request.producerEpoch() != NO_PRODUCER_EPOCH;
    return hasId == hasEpoch ? Errors.NONE : Errors.INVALID_REQUEST;
  }

  private static InitProducerIdResponseData answer(long id) {
    return id == ProducerIds.NONE
        ? refused(Errors.COORDINATOR_LOAD_IN_PROGRESS)
        : new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0);
  }

  private static InitProducerIdResponseData refused(Errors error) {
    return new InitProducerIdResponseData()
        .setErrorCode(error.code())
        .setProducerId(NO_PRODUCER_ID)
        .setProducerEpoch(NO_PRODUCER_EPOCH);
  }
}
