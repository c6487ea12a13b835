package io.penstock.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfigCollection;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The requests of {@link Admin}, and its answers' words, apart from how they travel. Pure. */
final class AdminMessages {

  private static final int FIRST_DELETE_BY_STATE = 6;

  private AdminMessages() {}

  static CreateTopicsRequestData createTopics(List<NewTopic> topics, int timeoutMs) {
    CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(timeoutMs);
    for (NewTopic topic : topics) {
      CreatableTopicConfigCollection configs = new CreatableTopicConfigCollection();
      topic
          .configs()
          .forEach((k, v) -> configs.add(new CreatableTopicConfig().setName(k).setValue(v)));
      request
          .topics()
          .add(
              new CreatableTopic()
                  .setName(topic.name())
                  .setNumPartitions(topic.partitions())
                  .setReplicationFactor(topic.replicationFactor())
                  .setConfigs(configs));
    }
    return request;
  }

  static DeleteTopicsRequestData deleteTopics(
      Collection<String> names, int timeoutMs, int version) {
    DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTimeoutMs(timeoutMs);
    if (version < FIRST_DELETE_BY_STATE) {
      return request.setTopicNames(List.copyOf(names));
    }
    List<DeleteTopicState> topics = new ArrayList<>(names.size());
    for (String name : names) {
      topics.add(new DeleteTopicState().setName(name).setTopicId(Uuid.ZERO_UUID));
    }
    return request.setTopics(topics);
  }

  static DescribeConfigsRequestData describeTopicConfigs(Collection<String> names) {
    List<DescribeConfigsResource> resources = new ArrayList<>(names.size());
    for (String name : names) {
      resources.add(
          new DescribeConfigsResource()
              .setResourceType(ConfigResource.Type.TOPIC.id())
              .setResourceName(name)
              .setConfigurationKeys(null));
    }
    return new DescribeConfigsRequestData().setResources(resources);
  }

  static Map<String, List<ConfigValue>> topicConfigs(DescribeConfigsResponseData response)
      throws AdminException {
    Map<String, List<ConfigValue>> byTopic = new LinkedHashMap<>();
    for (DescribeConfigsResult result : response.results()) {
      Errors error = Errors.forCode(result.errorCode());
      if (error != Errors.NONE) {
        throw refusal("describe", result.resourceName(), error, result.errorMessage());
      }
      List<ConfigValue> values = new ArrayList<>(result.configs().size());
      result
          .configs()
          .forEach(c -> values.add(new ConfigValue(c.name(), c.value(), source(c.configSource()))));
      values.sort(Comparator.comparing(ConfigValue::name));
      byTopic.put(result.resourceName(), List.copyOf(values));
    }
    return byTopic;
  }

  /** The protocol's config sources. */
  private static ConfigValue.Source source(byte id) {
    return switch (id) {
      case 1 -> ConfigValue.Source.TOPIC;
      case 2, 4 -> ConfigValue.Source.NODE;
      case 3 -> ConfigValue.Source.CLUSTER;
      case 5 -> ConfigValue.Source.DEFAULT;
      default -> ConfigValue.Source.OTHER;
    };
  }

  /** A refusal in the broker's words where it found some, and what to do about it. */
  static AdminException refusal(
      String verb, String topic, Errors error, @Nullable String brokerMessage) {
    String why = brokerMessage == null || brokerMessage.isBlank() ? error.message() : brokerMessage;
    if (error == Errors.UNKNOWN_TOPIC_OR_PARTITION) {
      // The protocol's words for it are about one server and one partition.
      why = "there is no such topic";
    }
    String remedy = remedy(error);
    return new AdminException(
        error,
        "cannot "
            + verb
            + " topic '"
            + topic
            + "': "
            + withoutFullStop(why)
            + (remedy.isEmpty() ? "" : "; " + remedy));
  }

  static String withoutFullStop(String sentence) {
    String trimmed = sentence.strip();
    return trimmed.endsWith(".") ? trimmed.substring(0, trimmed.length() - 1) : trimmed;
  }

  private static String remedy(Errors error) {
    return switch (error) {
      case TOPIC_ALREADY_EXISTS -> "choose another name, or delete the topic first";
      case UNKNOWN_TOPIC_OR_PARTITION -> "'penstock topics list' shows the topics there are";
      case INVALID_TOPIC_EXCEPTION ->
          "names have up to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'";
      case INVALID_REPLICATION_FACTOR ->
          "a topic can have at most as many replicas as there are brokers up";
      case INVALID_PARTITIONS -> "give --partitions a positive number";
      case TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED ->
          "the user needs an ACL for this operation";
      case TOPIC_DELETION_DISABLED -> "set delete.topic.enable=true on the brokers";
      case REQUEST_TIMED_OUT, NOT_CONTROLLER, COORDINATOR_LOAD_IN_PROGRESS ->
          "the cluster may be electing a leader: look at the topic, then try again";
      default ->
          error.exception() instanceof org.apache.kafka.common.errors.RetriableException
              ? "try again in a moment"
              : "";
    };
  }
}
