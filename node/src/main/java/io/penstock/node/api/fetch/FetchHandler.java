package io.penstock.node.api.fetch;

import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ConnectionInfo;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.RequestContext;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Fetch, for consumers and followers alike: finds out what the request is about and hands it to a
 * {@link FetchOperation}.
 */
public final class FetchHandler implements ApiHandler {

  private static final short LOWEST = 4;
  private static final short HIGHEST = 18;
  private static final short FIRST_WITH_ONE_ERROR_FOR_ALL = 13;

  private final FetchServices services;
  private final int nodeMaxBytes;
  private final Meter strangers;

  /**
   * @param blocking looks old offsets up in index files; bounded, may refuse
   * @param clock milliseconds that never go back, by which it is judged whether followers lag
   * @param nodeMaxBytes what one response holds at most, whatever the client asks for, but for the
   *     first batch
   */
  public FetchHandler(
      PartitionLookup partitions,
      FetchSessions sessions,
      Residency residency,
      Executor blocking,
      int nodeMaxBytes,
      LongSupplier clock,
      MetricRegistry metrics) {
    this.services = FetchServices.of(partitions, sessions, residency, blocking, clock, metrics);
    this.nodeMaxBytes = nodeMaxBytes;
    this.strangers = metrics.meter("penstock.fetch.replicas.refused");
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.FETCH;
  }

  @Override
  public short lowestVersion() {
    return LOWEST;
  }

  @Override
  public short highestVersion() {
    return HIGHEST;
  }

  @Override
  public void handle(RequestContext context, ApiMessage message) {
    FetchRequestData request = (FetchRequestData) message;
    long nowMs = services.clock().getAsLong();
    FetchParameters parameters =
        FetchParameters.of(request, context.apiVersion(), nodeMaxBytes, nowMs);
    if (!isWhoItSays(context.connection(), parameters)) {
      strangers.mark();
      context.respond(refuseAll(context, request, Errors.CLUSTER_AUTHORIZATION_FAILED));
      return;
    }
    FetchPlan plan = services.sessions().plan(request, parameters);
    FollowerAcks acks = new FollowerAcks(parameters, services.partitions(), context.wakeups());
    @Nullable FetchScope scope =
        switch (plan) {
          case FetchPlan.Once(var items) -> new FetchScope.Listed(items, parameters);
          case FetchPlan.Begin(var items, _) -> new FetchScope.Listed(items, parameters);
          case FetchPlan.Continue(FetchSession session) ->
              new FetchScope.Active(session, services, acks);
          case FetchPlan.Refused(Errors error) -> {
            context.respond(refused(error));
            yield null;
          }
        };
    if (scope != null) {
      new FetchOperation(services, context, parameters, plan, scope, acks).start();
    }
  }

  /**
   * What a replica has fetched counts for the high watermark, so only a node that has introduced
   * itself may say that it is one, and it gets nothing else: consumers have a listener of their
   * own.
   */
  private static boolean isWhoItSays(ConnectionInfo connection, FetchParameters parameters) {
    int peer = connection.peerNodeId();
    return peer == ConnectionInfo.NO_PEER
        ? !parameters.isFollower()
        : parameters.replicaId() == peer;
  }

  @Override
  public ApiMessage failure(RequestContext context, ApiMessage request, Throwable cause) {
    return refuseAll(context, (FetchRequestData) request, Errors.UNKNOWN_SERVER_ERROR);
  }

  private static FetchResponseData refuseAll(
      RequestContext context, FetchRequestData request, Errors error) {
    FetchResponseData response = refused(error);
    if (context.apiVersion() >= FIRST_WITH_ONE_ERROR_FOR_ALL) {
      return response;
    }
    // Older clients look at the partitions only, and the oldest have no other place for an error.
    for (FetchTopic topic : request.topics()) {
      FetchableTopicResponse answer = new FetchableTopicResponse().setTopic(topic.topic());
      for (FetchPartition partition : topic.partitions()) {
        answer.partitions().add(FetchResult.failed(partition.partition(), error));
      }
      response.responses().add(answer);
    }
    return response;
  }

  private static FetchResponseData refused(Errors error) {
    return new FetchResponseData()
        .setErrorCode(error.code())
        .setSessionId(FetchSessions.NO_SESSION);
  }
}
