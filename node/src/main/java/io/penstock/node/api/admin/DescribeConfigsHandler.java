package io.penstock.node.api.admin;

import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.ListedConfig.Synonym;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.topic.TopicSettings;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.leadership.TopicNames;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Lists the settings in force for topics, for groups and for this node, and where each value comes
 * from.
 */
public final class DescribeConfigsHandler extends TypedHandler<DescribeConfigsRequestData> {

  private final ControlPlane control;
  private final NodeConfig config;

  public DescribeConfigsHandler(ControlPlane control, NodeConfig config) {
    super(ApiKeys.DESCRIBE_CONFIGS, DescribeConfigsRequestData.class, 1, 4);
    this.control = control;
    this.config = config;
  }

  @Override
  protected void serve(RequestContext context, DescribeConfigsRequestData request) {
    if (request.resources().size() > AdminLimits.RESOURCES_MAX) {
      context.closeConnection("settings of more than " + AdminLimits.RESOURCES_MAX + " asked for");
      return;
    }
    ClusterImage image = control.image();
    DescribeConfigsResponseData response = new DescribeConfigsResponseData();
    for (DescribeConfigsResource resource : request.resources()) {
      response.results().add(describe(resource, request, image));
    }
    context.respond(response);
  }

  private DescribeConfigsResult describe(
      DescribeConfigsResource resource, DescribeConfigsRequestData request, ClusterImage image) {
    return switch (resource.resourceType()) {
      case ConfigResources.TOPIC -> topic(resource, request, image);
      case ConfigResources.BROKER -> node(resource, request, image);
      case ConfigResources.GROUP -> group(resource, request, image);
      default ->
          error(
              resource,
              Errors.INVALID_REQUEST,
              ConfigResources.unsupported(resource.resourceType()));
    };
  }

  private DescribeConfigsResult topic(
      DescribeConfigsResource resource, DescribeConfigsRequestData request, ClusterImage image) {
    String problem = TopicNames.problemOf(resource.resourceName());
    if (problem != null) {
      return error(resource, Errors.INVALID_TOPIC_EXCEPTION, problem);
    }
    TopicImage topic = image.leadership().topic(resource.resourceName());
    if (topic == null) {
      String message = "there is no topic '" + resource.resourceName() + "'";
      return error(resource, Errors.UNKNOWN_TOPIC_OR_PARTITION, message);
    }
    TopicSettings settings =
        new TopicSettings(image.metadata().topicConfigs(topic.id()), config.topics().defaults());
    return result(resource, request, ConfigListing.ofTopic(settings));
  }

  /** A group has settings whether there is one of its name or not. */
  private DescribeConfigsResult group(
      DescribeConfigsResource resource, DescribeConfigsRequestData request, ClusterImage image) {
    String problem = ConfigResources.problemOfGroup(resource.resourceName());
    if (problem != null) {
      return error(resource, Errors.INVALID_REQUEST, problem);
    }
    return result(
        resource,
        request,
        ConfigListing.ofGroup(image.metadata().groupConfigs(resource.resourceName()), config));
  }

  /** The resource without a name is what was set for all nodes, which nothing can be here. */
  private DescribeConfigsResult node(
      DescribeConfigsResource resource, DescribeConfigsRequestData request, ClusterImage image) {
    if (resource.resourceName().isEmpty()) {
      return result(resource, request, List.of());
    }
    if (!ConfigResources.isThisNode(resource.resourceName(), control.nodeId())) {
      String message =
          "this is broker " + control.nodeId() + ": ask broker " + resource.resourceName();
      return error(resource, Errors.INVALID_REQUEST, message);
    }
    BrokerImage self = image.leadership().broker(control.nodeId());
    String advertised = self == null ? "" : self.client().toString();
    return result(resource, request, ConfigListing.ofNode(config, advertised));
  }

  private static DescribeConfigsResult result(
      DescribeConfigsResource resource,
      DescribeConfigsRequestData request,
      List<ListedConfig> configs) {
    List<String> keys = resource.configurationKeys();
    Set<String> wanted = keys == null ? Set.of() : new HashSet<>(keys);
    DescribeConfigsResult result =
        new DescribeConfigsResult()
            .setResourceType(resource.resourceType())
            .setResourceName(resource.resourceName())
            .setErrorMessage(null);
    for (ListedConfig listed : configs) {
      if (wanted.isEmpty() || wanted.contains(listed.name())) {
        result.configs().add(entry(listed, request));
      }
    }
    return result;
  }

  private static DescribeConfigsResourceResult entry(
      ListedConfig listed, DescribeConfigsRequestData request) {
    DescribeConfigsResourceResult entry =
        new DescribeConfigsResourceResult()
            .setName(listed.name())
            .setValue(listed.value())
            .setReadOnly(listed.readOnly())
            .setConfigSource(listed.source().code())
            .setIsSensitive(false)
            .setConfigType(listed.type().code())
            .setDocumentation(request.includeDocumentation() ? listed.documentation() : null);
    if (request.includeSynonyms()) {
      for (Synonym synonym : listed.synonyms()) {
        entry
            .synonyms()
            .add(
                new DescribeConfigsSynonym()
                    .setName(synonym.name())
                    .setValue(synonym.value())
                    .setSource(synonym.source().code()));
      }
    }
    return entry;
  }

  private static DescribeConfigsResult error(
      DescribeConfigsResource resource, Errors error, String message) {
    return new DescribeConfigsResult()
        .setResourceType(resource.resourceType())
        .setResourceName(resource.resourceName())
        .setErrorCode(error.code())
        .setErrorMessage(message);
  }
}
