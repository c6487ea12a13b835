package io.penstock.node.api.admin;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Answers who is in the cluster; brokers that are fenced only where the client asks for them. */
public final class DescribeClusterHandler extends TypedHandler<DescribeClusterRequestData> {

  private static final byte BROKERS = 1;
  private static final byte CONTROLLERS = 2;

  private final ControlPlane control;

  public DescribeClusterHandler(ControlPlane control) {
    super(ApiKeys.DESCRIBE_CLUSTER, DescribeClusterRequestData.class, 0, 2);
    this.control = control;
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
    LeadershipImage image = control.image().leadership();
    for (BrokerImage broker : image.brokers()) {
      if (!broker.fenced() || request.includeFencedBrokers()) {
        response.brokers().add(describe(broker));
      }
    }
    context.respond(
        response
            .setClusterId(KafkaIds.text(control.clusterId()))
            .setControllerId(Controllers.idFor(control, image))
            .setClusterAuthorizedOperations(
                request.includeClusterAuthorizedOperations()
                    ? AuthorizedOperations.CLUSTER
                    : AuthorizedOperations.NOT_ASKED));
  }

  private static DescribeClusterBroker describe(BrokerImage broker) {
    return new DescribeClusterBroker()
        .setBrokerId(broker.id())
        .setHost(broker.client().host())
        .setPort(broker.client().port())
        .setRack(broker.rack())
        .setIsFenced(broker.fenced());
  }
}
