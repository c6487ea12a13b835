package io.penstock.node.api.cluster;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.value.ControlError;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Forgets a broker that is gone for good. One that lives, or that partitions still count on, stays;
 * Kafka would let it go, and then register it again or miss its replicas.
 */
public final class UnregisterBrokerHandler extends TypedHandler<UnregisterBrokerRequestData> {

  private static final long WAIT_MS = 30_000;

  private final ControlPlane control;

  public UnregisterBrokerHandler(ControlPlane control) {
    super(ApiKeys.UNREGISTER_BROKER, UnregisterBrokerRequestData.class, 0, 0);
    this.control = control;
  }

  @Override
  protected void serve(RequestContext context, UnregisterBrokerRequestData request) {
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        control.propose(new UnregisterBroker(request.brokerId())),
        UnregisterBrokerHandler::answer,
        failure -> answer(ControlErrors.unanswered(failure), null));
  }

  private static UnregisterBrokerResponseData answer(LeadershipResult result) {
    return switch (result) {
      case BrokerResult(ControlError error, String message, long _) -> answer(error, message);
      case Refused(ControlError error, String message) -> answer(error, message);
      case LeadershipResult.TopicsResult _, LeadershipResult.PartitionsResult _ ->
          throw new IllegalStateException("unregistering a broker made " + result);
    };
  }

  private static UnregisterBrokerResponseData answer(ControlError error, String message) {
    return error.isNone()
        ? new UnregisterBrokerResponseData().setErrorMessage(null)
        : answer(ControlErrors.toKafka(error), message);
  }

  private static UnregisterBrokerResponseData answer(Errors error, @Nullable String message) {
    return new UnregisterBrokerResponseData()
        .setErrorCode(error.code())
        .setErrorMessage(message == null ? error.message() : message);
  }
}
