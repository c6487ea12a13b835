package io.penstock.node.api.admin;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.KnownLeaders;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.config.NodeConfig;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.leadership.TopicNames;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Tells clients where the partitions are. A named topic that does not exist is created first, where
 * client and node both allow it; the answer then waits a little, so that a producer's first request
 * already finds a leader.
 */
public final class MetadataHandler extends TypedHandler<MetadataRequestData> {

  private static final long AUTO_CREATE_WAIT_MS = 5_000;
  private static final int IDS_SINCE = 12;

  private final ControlPlane control;
  private final TopicCreation creation;
  private final NodeConfig.Topics settings;
  private final Supplier<KnownLeaders> leaders;

  public MetadataHandler(
      ControlPlane control,
      TopicCreation creation,
      NodeConfig.Topics settings,
      Supplier<KnownLeaders> leaders) {
    super(ApiKeys.METADATA, MetadataRequestData.class, 0, 13);
    this.control = control;
    this.creation = creation;
    this.settings = settings;
    this.leaders = leaders;
  }

  @Override
  protected void serve(RequestContext context, MetadataRequestData request) {
    if (request.topics() != null && request.topics().size() > AdminLimits.NAMES_MAX) {
      context.closeConnection("metadata of more than " + AdminLimits.NAMES_MAX + " topics asked");
      return;
    }
    KnownLeaders known = leaders.get();
    Set<String> missing = creatable(context, request, known.image());
    if (missing.isEmpty()) {
      context.respond(answer(context.apiVersion(), request, known));
      return;
    }
    // Whatever became of the creation, the answer tells what there is then.
    LaterAnswer.respondWithin(
        AUTO_CREATE_WAIT_MS,
        context,
        creation.createByDefault(List.copyOf(missing)),
        refused -> withReasons(answer(context.apiVersion(), request, leaders.get()), refused),
        _ -> answer(context.apiVersion(), request, leaders.get()));
  }

  /**
   * A topic that there are too few brokers for is told of as such, as Kafka did: clients show the
   * reason and ask again. All else is unknown to them until it can be created.
   */
  private static MetadataResponseData withReasons(
      MetadataResponseData response, Map<String, Errors> refused) {
    for (MetadataResponseTopic topic : response.topics()) {
      if (topic.errorCode() == Errors.UNKNOWN_TOPIC_OR_PARTITION.code()
          && refused.get(topic.name()) == Errors.INVALID_REPLICATION_FACTOR) {
        topic.setErrorCode(Errors.INVALID_REPLICATION_FACTOR.code());
      }
    }
    return response;
  }

  private Set<String> creatable(
      RequestContext context, MetadataRequestData request, LeadershipImage image) {
    boolean allowed = context.apiVersion() < 4 || request.allowAutoTopicCreation();
    if (!settings.autoCreate() || !allowed || request.topics() == null) {
      return Set.of();
    }
    Set<String> missing = new LinkedHashSet<>();
    for (MetadataRequestTopic topic : request.topics()) {
      String name = topic.name();
      if (name != null
          && isZero(topic.topicId())
          && image.topic(name) == null
          && ReservedTopics.problemWithNew(name) == null
          && missing.size() < AdminLimits.AUTO_CREATED_MAX) {
        missing.add(name);
      }
    }
    return missing;
  }

  private MetadataResponseData answer(
      short version, MetadataRequestData request, KnownLeaders known) {
    MetadataResponseData response =
        new MetadataResponseData()
            .setClusterId(KafkaIds.text(control.clusterId()))
            .setControllerId(known.controllerId());
    if (request.includeClusterAuthorizedOperations()) {
      response.setClusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
    }
    for (BrokerImage broker : known.brokers()) {
      response.brokers().add(describe(broker));
    }
    if (request.topics() == null || (version == 0 && request.topics().isEmpty())) {
      for (TopicImage topic : known.image().topics()) {
        response.topics().add(found(topic, known, request));
      }
      return response;
    }
    for (MetadataRequestTopic asked : request.topics()) {
      response.topics().add(describe(asked, known, version, request));
    }
    return response;
  }

  private static MetadataResponseTopic describe(
      MetadataRequestTopic asked, KnownLeaders known, short version, MetadataRequestData whole) {
    String name = asked.name();
    if (version < IDS_SINCE && (name == null || !isZero(asked.topicId()))) {
      return missing(asked, version, Errors.INVALID_REQUEST);
    }
    if (!isZero(asked.topicId())) {
      TopicImage topic = known.image().topic(KafkaIds.fromKafka(asked.topicId()));
      return topic == null
          ? missing(asked, version, Errors.UNKNOWN_TOPIC_ID)
          : found(topic, known, whole);
    }
    if (name == null || TopicNames.problemOf(name) != null) {
      return missing(asked, version, Errors.INVALID_TOPIC_EXCEPTION);
    }
    TopicImage topic = known.image().topic(name);
    return topic == null
        ? missing(asked, version, Errors.UNKNOWN_TOPIC_OR_PARTITION)
        : found(topic, known, whole);
  }

  /** Only from version 12 can a topic go without a name. */
  private static MetadataResponseTopic missing(
      MetadataRequestTopic asked, short version, Errors error) {
    String name = asked.name();
    return new MetadataResponseTopic()
        .setName(name == null && version < IDS_SINCE ? "" : name)
        .setTopicId(asked.topicId())
        .setIsInternal(ReservedTopics.isInternal(name))
        .setErrorCode(error.code());
  }

  private static MetadataResponseTopic found(
      TopicImage topic, KnownLeaders known, MetadataRequestData request) {
    MetadataResponseTopic response =
        new MetadataResponseTopic()
            .setName(topic.name())
            .setTopicId(KafkaIds.toKafka(topic.id()))
            .setIsInternal(ReservedTopics.isInternal(topic.name()))
            .setPartitions(PartitionListing.forMetadata(topic, known));
    if (request.includeTopicAuthorizedOperations()) {
      response.setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
    }
    return response;
  }

  private static MetadataResponseBroker describe(BrokerImage broker) {
    return new MetadataResponseBroker()
        .setNodeId(broker.id())
        .setHost(broker.client().host())
        .setPort(broker.client().port())
        .setRack(broker.rack());
  }

  private static boolean isZero(Uuid id) {
    return id.equals(Uuid.ZERO_UUID);
  }
}
