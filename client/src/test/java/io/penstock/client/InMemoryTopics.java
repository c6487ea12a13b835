package io.penstock.client;

import io.penstock.client.net.FakeBroker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Teaches a {@link FakeBroker} topics: it creates, describes and deletes them, as broker 1 of a
 * cluster of one. Lives on the broker's loop.
 */
public final class InMemoryTopics {

  private static final int BROKER_ID = 1;

  private record Topic(Uuid id, int partitions, Map<String, String> configs) {}

  private final FakeBroker broker;
  private final Map<String, Topic> topics = new TreeMap<>();

  private InMemoryTopics(FakeBroker broker) {
    this.broker = broker;
  }

  public static void serve(FakeBroker broker) {
    InMemoryTopics topics = new InMemoryTopics(broker);
    broker
        .on(ApiKeys.METADATA, e -> e.answer(topics.metadata((MetadataRequestData) e.request())))
        .on(
            ApiKeys.CREATE_TOPICS,
            e -> e.answer(topics.create((CreateTopicsRequestData) e.request())))
        .on(
            ApiKeys.DELETE_TOPICS,
            e -> e.answer(topics.delete((DeleteTopicsRequestData) e.request())))
        .on(
            ApiKeys.DESCRIBE_CONFIGS,
            e -> e.answer(topics.configs((DescribeConfigsRequestData) e.request())));
  }

  private ApiMessage metadata(MetadataRequestData request) {
    MetadataResponseData response =
        new MetadataResponseData().setClusterId("test").setControllerId(BROKER_ID);
    response
        .brokers()
        .add(
            new MetadataResponseBroker()
                .setNodeId(BROKER_ID)
                .setHost(broker.endpoint().host())
                .setPort(broker.endpoint().port()));
    List<String> asked =
        request.topics() == null
            ? List.copyOf(topics.keySet())
            : request.topics().stream().map(t -> t.name()).toList();
    asked.forEach(name -> response.topics().add(metadata(name, topics.get(name))));
    return response;
  }

  private static MetadataResponseTopic metadata(String name, @Nullable Topic topic) {
    MetadataResponseTopic result = new MetadataResponseTopic().setName(name);
    if (topic == null) {
      return result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }
    return result
        .setTopicId(topic.id())
        .setIsInternal(name.startsWith("__"))
        .setPartitions(
            IntStream.range(0, topic.partitions())
                .mapToObj(i ->
                    new MetadataResponsePartition()
                        .setPartitionIndex(i)
                        .setLeaderId(BROKER_ID)
                        .setLeaderEpoch(0)
                        .setReplicaNodes(List.of(BROKER_ID))
                        .setIsrNodes(List.of(BROKER_ID)))
                .toList());
  }

  private ApiMessage create(CreateTopicsRequestData request) {
    CreateTopicsResponseData response = new CreateTopicsResponseData();
    request
        .topics()
        .forEach(topic -> {
          CreatableTopicResult result = new CreatableTopicResult().setName(topic.name());
          response.topics().add(result);
          if (topics.containsKey(topic.name())) {
            result
                .setErrorCode(Errors.TOPIC_ALREADY_EXISTS.code())
                .setErrorMessage("Topic '" + topic.name() + "' already exists.");
            return;
          }
          Map<String, String> configs = new LinkedHashMap<>();
          topic.configs().forEach(c -> configs.put(c.name(), c.value()));
          Topic created =
              new Topic(
                  new Uuid(7, topics.size() + 1), Math.max(1, topic.numPartitions()), configs);
          topics.put(topic.name(), created);
          result.setTopicId(created.id());
        });
    return response;
  }

  private ApiMessage delete(DeleteTopicsRequestData request) {
    DeleteTopicsResponseData response = new DeleteTopicsResponseData();
    for (DeleteTopicState topic : request.topics()) {
      boolean existed = topics.remove(topic.name()) != null;
      response
          .responses()
          .add(
              new DeletableTopicResult()
                  .setName(topic.name())
                  .setErrorCode(
                      (existed ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION).code()));
    }
    return response;
  }

  private ApiMessage configs(DescribeConfigsRequestData request) {
    DescribeConfigsResponseData response = new DescribeConfigsResponseData();
    request
        .resources()
        .forEach(resource -> {
          DescribeConfigsResult result =
              new DescribeConfigsResult()
                  .setResourceType(resource.resourceType())
                  .setResourceName(resource.resourceName());
          response.results().add(result);
          Topic topic = topics.get(resource.resourceName());
          if (topic == null) {
            result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
            return;
          }
          Map<String, String> all = new TreeMap<>(topic.configs());
          all.putIfAbsent("min.insync.replicas", "1");
          for (String name : new TreeSet<>(all.keySet())) {
            result
                .configs()
                .add(
                    new DescribeConfigsResourceResult()
                        .setName(name)
                        .setValue(all.get(name))
                        .setConfigSource((byte) (topic.configs().containsKey(name) ? 1 : 5)));
          }
        });
    return response;
  }
}
