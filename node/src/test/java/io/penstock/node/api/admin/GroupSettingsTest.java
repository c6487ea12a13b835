package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The settings that groups of the consumer protocol may have of their own. */
class GroupSettingsTest {

  private static final byte GROUP = 32;
  private static final String SESSION = "consumer.session.timeout.ms";
  private static final String HEARTBEAT = "consumer.heartbeat.interval.ms";

  private final Cluster cluster =
      Cluster.with(
          "groups: {consumer-heartbeat: 4s, consumer-heartbeat-min: 1s,"
              + " consumer-heartbeat-max: 50s, consumer-session-timeout-min: 10s}");
  private final DescribeConfigsHandler describe =
      new DescribeConfigsHandler(cluster.control, cluster.config);
  private final IncrementalAlterConfigsHandler change =
      new IncrementalAlterConfigsHandler(cluster.control, cluster.config);

  @Test
  void aGroupWithoutSettingsHasThoseOfTheNode() {
    DescribeConfigsResult result = describe("g");

    assertEquals(Errors.NONE.code(), result.errorCode());
    assertEquals(List.of(HEARTBEAT + "=4000/4", SESSION + "=45000/5"), listed(result));
    assertEquals(
        List.of("group." + HEARTBEAT + "=4000/4", "group." + HEARTBEAT + "=5000/5"),
        synonyms(result.configs().getFirst()));
  }

  @Test
  void whatIsSetIsInForceUntilItIsDeleted() {
    assertEquals(Errors.NONE, change("g", op(SESSION, ConfigEdit.SET, "20000")));
    assertEquals(Errors.NONE, change("g", op(HEARTBEAT, ConfigEdit.SET, "1000")));

    assertEquals(List.of(HEARTBEAT + "=1000/8", SESSION + "=20000/8"), listed(describe("g")));
    assertEquals(
        List.of(SESSION + "=20000/8", "group." + SESSION + "=45000/5"),
        synonyms(describe("g").configs().getLast()));
    assertEquals(List.of(HEARTBEAT + "=4000/4", SESSION + "=45000/5"), listed(describe("other")));

    assertEquals(Errors.NONE, change("g", op(SESSION, ConfigEdit.DELETE, null)));
    assertEquals(Map.of(HEARTBEAT, "1000"), cluster.control.image().metadata().groupConfigs("g"));
  }

  @Test
  void whatIsOutOfBoundsOrNoSettingIsRefused() {
    for (AlterableConfig wrong :
        List.of(
            op(SESSION, ConfigEdit.SET, "9999"),
            op(SESSION, ConfigEdit.SET, "60001"),
            op(HEARTBEAT, ConfigEdit.SET, "999"),
            op(HEARTBEAT, ConfigEdit.SET, "soon"),
            op(HEARTBEAT, ConfigEdit.SET, "45000"), // no session has room for it
            op(HEARTBEAT, ConfigEdit.APPEND, "1000"),
            op("retention.ms", ConfigEdit.SET, "1000"))) {
      assertEquals(Errors.INVALID_CONFIG, change("g", wrong), wrong.toString());
    }
    assertEquals(Errors.INVALID_REQUEST, change("", op(SESSION, ConfigEdit.SET, "20000")));
    assertEquals(
        Errors.INVALID_REQUEST, change("g".repeat(1_025), op(SESSION, ConfigEdit.SET, "20000")));
    assertEquals(Errors.INVALID_REQUEST.code(), describe("").errorCode());
    assertEquals(0, cluster.control.image().metadata().allConfigs().size());
  }

  @Test
  void theOldRequestReplacesTheSettingsOfAGroup() {
    change("g", op(HEARTBEAT, ConfigEdit.SET, "1000"));
    AlterConfigsRequestData.AlterConfigsResource resource =
        new AlterConfigsRequestData.AlterConfigsResource()
            .setResourceType(GROUP)
            .setResourceName("g");
    resource
        .configs()
        .add(new AlterConfigsRequestData.AlterableConfig().setName(SESSION).setValue("30000"));
    AlterConfigsRequestData request = new AlterConfigsRequestData();
    request.resources().add(resource);

    AlterConfigsResponseData response =
        Exchange.ask(
            new AlterConfigsHandler(cluster.control, cluster.config),
            2,
            request,
            AlterConfigsResponseData.class);

    assertEquals(Errors.NONE.code(), response.responses().getFirst().errorCode());
    assertEquals(Map.of(SESSION, "30000"), cluster.control.image().metadata().groupConfigs("g"));
  }

  private Errors change(String group, AlterableConfig operation) {
    AlterConfigsResource resource =
        new AlterConfigsResource().setResourceType(GROUP).setResourceName(group);
    resource.configs().add(operation);
    IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
    request.resources().add(resource);
    IncrementalAlterConfigsResponseData response =
        Exchange.ask(change, 1, request, IncrementalAlterConfigsResponseData.class);
    return Errors.forCode(response.responses().getFirst().errorCode());
  }

  private static AlterableConfig op(String name, byte kind, @Nullable String value) {
    return new AlterableConfig().setName(name).setConfigOperation(kind).setValue(value);
  }

  private DescribeConfigsResult describe(String group) {
    DescribeConfigsRequestData request = new DescribeConfigsRequestData().setIncludeSynonyms(true);
    request
        .resources()
        .add(
            new DescribeConfigsResource()
                .setResourceType(GROUP)
                .setResourceName(group)
                .setConfigurationKeys(null));
    return Exchange.ask(describe, 4, request, DescribeConfigsResponseData.class)
        .results()
        .getFirst();
  }

  private static List<String> listed(DescribeConfigsResult result) {
    return result.configs().stream()
        .map(each -> each.name() + "=" + each.value() + "/" + each.configSource())
        .toList();
  }

  private static List<String> synonyms(DescribeConfigsResourceResult config) {
    return config.synonyms().stream()
        .map(each -> each.name() + "=" + each.value() + "/" + each.source())
        .toList();
  }
}
