package io.penstock.node.api.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.admin.Exchange;
import io.penstock.replication.cluster.InMemoryControlPlane;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What clients are told of what this node serves. */
class ApiVersionsHandlerTest {

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1);
  private final DescribeQuorumHandler other = new DescribeQuorumHandler(control);
  private final ApiVersionsHandler handler = new ApiVersionsHandler(control, List.of(other));

  @Test
  void listsExactlyTheHandlersThatThereAre() {
    for (int version = 0; version <= 5; version++) {
      ApiVersionsResponseData response = ask(version, request());

      assertEquals(Errors.NONE.code(), response.errorCode(), "version " + version);
      assertEquals(2, response.apiKeys().size());
      assertEquals(5, response.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion());
      assertEquals(2, response.apiKeys().find(ApiKeys.DESCRIBE_QUORUM.id).maxVersion());
      assertNull(response.apiKeys().find(ApiKeys.FIND_COORDINATOR.id));
    }
  }

  @Test
  void tellsWhichFeaturesAreKnownAndOn() {
    for (int version = 3; version <= 5; version++) {
      ApiVersionsResponseData response = ask(version, request());

      assertEquals(2, response.supportedFeatures().size());
      assertEquals(Features.HIGHEST, response.supportedFeatures().find(Features.NAME).maxVersion());
      assertEquals(2, response.finalizedFeatures().size());
      assertEquals(1, response.finalizedFeatures().find(Features.GROUP_VERSION).maxVersionLevel());
      assertEquals(1, response.finalizedFeatures().find(Features.NAME).maxVersionLevel());
      assertEquals(1, response.finalizedFeaturesEpoch());
    }
    assertEquals(0, ask(2, request()).finalizedFeatures().size());
  }

  @Test
  void tellsNewerClientsWhichVersionBothKnow() {
    ApiVersionsResponseData response =
        (ApiVersionsResponseData) handler.unsupportedVersion((short) 99);

    assertEquals(Errors.UNSUPPORTED_VERSION.code(), response.errorCode());
    assertEquals(1, response.apiKeys().size());
    assertNotNull(response.apiKeys().find(ApiKeys.API_VERSIONS.id));
  }

  @Test
  void refusesSoftwareNamesThatWouldSpoilALog() {
    for (String name : List.of("", "-lead", "trail-", "a b", "new\nline", "x".repeat(1_001))) {
      assertEquals(
          Errors.INVALID_REQUEST.code(),
          ask(3, request().setClientSoftwareName(name)).errorCode(),
          name);
    }
    assertEquals(
        Errors.INVALID_REQUEST.code(), ask(3, request().setClientSoftwareVersion("?")).errorCode());
  }

  @Test
  void tellsAClientThatTookAnotherNodeForThisOne() {
    String here = KafkaIds.text(control.clusterId());

    assertEquals(Errors.NONE.code(), ask(5, request().setClusterId(here).setNodeId(1)).errorCode());
    assertEquals(
        Errors.REBOOTSTRAP_REQUIRED.code(),
        ask(5, request().setClusterId(here).setNodeId(2)).errorCode());
    assertEquals(
        Errors.REBOOTSTRAP_REQUIRED.code(),
        ask(5, request().setClusterId("elsewhere").setNodeId(1)).errorCode());
    assertEquals(Errors.INVALID_REQUEST.code(), ask(5, request().setClusterId(here)).errorCode());
  }

  private ApiVersionsResponseData ask(int version, ApiVersionsRequestData request) {
    return Exchange.ask(handler, version, request, ApiVersionsResponseData.class);
  }

  private static ApiVersionsRequestData request() {
    return new ApiVersionsRequestData()
        .setClientSoftwareName("some-client")
        .setClientSoftwareVersion("1.2.3-x");
  }
}
