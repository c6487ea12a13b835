package io.penstock.node.api.admin;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.KnownLeaders;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Answers who is in the cluster. Brokers that are fenced, or that {@link KnownLeaders} does not
 * list, are told of as fenced, and only where the client asks for those.
 */
public final class DescribeClusterHandler extends TypedHandler<DescribeClusterRequestData> {

  private static final byte BROKERS = 1;
  private static final byte CONTROLLERS = 2;

  private final ControlPlane control;
  private final Supplier<KnownLeaders> leaders;

  public DescribeClusterHandler(ControlPlane control, Supplier<KnownLeaders> leaders) {
    super(ApiKeys.DESCRIBE_CLUSTER, DescribeClusterRequestData.class, 0, 2);
    this.control = control;
    this.leaders = leaders;
  }

  @Override
  protected void serve(RequestContext context, DescribeClusterRequestData request) {
    DescribeClusterResponseData response =
        new DescribeClusterResponseData().setEndpointType(request.endpointType());
    if (request.endpointType() != BROKERS) {
      Errors error =
          request.endpointType() == CONTROLLERS
              ? Errors.MISMATCHED_ENDPOINT_TYPE
              : Errors.UNSUPPORTED_ENDPOINT_TYPE;
      context.respond(
          response
              .setErrorCode(error.code())
              .setErrorMessage("This is the endpoint of a broker: ask for endpoint type 1"));
      return;
    }
    KnownLeaders known = leaders.get();
    for (BrokerImage broker : known.image().brokers()) {
      boolean listed = known.lists(broker.id());
      if (listed || request.includeFencedBrokers()) {
        response.brokers().add(describe(broker, !listed));
      }
    }
    context.respond(
        response
            .setClusterId(KafkaIds.text(control.clusterId()))
            .setControllerId(known.controllerId())
            .setClusterAuthorizedOperations(
                request.includeClusterAuthorizedOperations()
                    ? AuthorizedOperations.CLUSTER
                    : AuthorizedOperations.NOT_ASKED));
  }

  private static DescribeClusterBroker describe(BrokerImage broker, boolean fenced) {
    return new DescribeClusterBroker()
        .setBrokerId(broker.id())
        .setHost(broker.client().host())
        .setPort(broker.client().port())
        .setRack(broker.rack())
        .setIsFenced(fenced);
  }
}
