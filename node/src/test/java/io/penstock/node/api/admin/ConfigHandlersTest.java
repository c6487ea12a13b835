package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

/** What clients are told about settings, and what becomes of those they change. */
class ConfigHandlersTest {

  private static final byte TOPIC = 2;
  private static final byte BROKER = 4;

  private final Cluster cluster =
      Cluster.with("topics: {partitions: 4, defaults: {segment.bytes: 64MiB}}");
  private final TopicImage topic = cluster.topic("a", 1);
  private final DescribeConfigsHandler describe =
      new DescribeConfigsHandler(cluster.control, cluster.config);
  private final IncrementalAlterConfigsHandler change =
      new IncrementalAlterConfigsHandler(cluster.control, cluster.config);
  private final AlterConfigsHandler replace =
      new AlterConfigsHandler(cluster.control, cluster.config);

  @Test
  void showsInEveryVersionWhereEachValueComesFrom() {
    change(op("retention.ms", ConfigEdit.SET, "5000"));
    for (int version = describe.lowestVersion(); version <= 4; version++) {
      DescribeConfigsResult result = describe(version, TOPIC, "a");

      assertEquals(Errors.NONE.code(), result.errorCode());
      assertEquals("5000", entry(result, "retention.ms").value());
      assertEquals(1, entry(result, "retention.ms").configSource());
      assertEquals("67108864", entry(result, "segment.bytes").value());
      assertEquals(4, entry(result, "segment.bytes").configSource());
      assertEquals("delete", entry(result, "cleanup.policy").value());
      assertEquals(5, entry(result, "cleanup.policy").configSource());
      assertEquals(
          List.of("retention.ms=5000/1", "log.retention.ms=604800000/5"),
          entry(result, "retention.ms").synonyms().stream()
              .map(s -> s.name() + "=" + s.value() + "/" + s.source())
              .toList());
      assertEquals(version >= 3 ? 5 : 0, entry(result, "retention.ms").configType());
      assertEquals(version >= 3, entry(result, "retention.ms").documentation().length() > 1);
    }
  }

  @Test
  void showsOnlyTheKeysThatAreAskedFor() {
    DescribeConfigsRequestData request = new DescribeConfigsRequestData();
    request
        .resources()
        .add(resource(TOPIC, "a").setConfigurationKeys(List.of("retention.ms", "no.such")));

    DescribeConfigsResult result =
        Exchange.ask(describe, 4, request, DescribeConfigsResponseData.class).results().getFirst();

    assertEquals(1, result.configs().size());
    assertNull(result.configs().getFirst().documentation());
    assertTrue(result.configs().getFirst().synonyms().isEmpty());
  }

  @Test
  void showsTheSettingsOfThisNodeAsTheyAreInItsFile() {
    DescribeConfigsResult result = describe(4, BROKER, "1");

    assertTrue(result.configs().stream().allMatch(DescribeConfigsResourceResult::readOnly));
    assertEquals("4", entry(result, "num.partitions").value());
    assertEquals(4, entry(result, "num.partitions").configSource());
    assertEquals("67108864", entry(result, "log.segment.bytes").value());
    assertEquals(5, entry(result, "socket.request.max.bytes").configSource());
    assertEquals(0, describe(4, BROKER, "").configs().size());
    assertEquals(Errors.INVALID_REQUEST.code(), describe(4, BROKER, "2").errorCode());
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), describe(4, TOPIC, "none").errorCode());
    assertEquals(Errors.INVALID_TOPIC_EXCEPTION.code(), describe(4, TOPIC, "no good").errorCode());
    assertEquals(Errors.INVALID_REQUEST.code(), describe(4, (byte) 8, "1").errorCode());
  }

  @Test
  void setsDeletesAppendsAndSubtracts() {
    assertEquals(
        Errors.NONE,
        change(
            op("retention.ms", ConfigEdit.SET, "5000"),
            op("segment.ms", ConfigEdit.SET, "7000"),
            op("cleanup.policy", ConfigEdit.SUBTRACT, "delete")));
    assertEquals(
        Map.of("retention.ms", "5000", "segment.ms", "7000", "cleanup.policy", ""), settings());

    assertEquals(
        Errors.NONE,
        change(
            op("segment.ms", ConfigEdit.DELETE, null),
            op("cleanup.policy", ConfigEdit.APPEND, "delete")));
    assertEquals(Map.of("retention.ms", "5000", "cleanup.policy", "delete"), settings());
  }

  @Test
  void changesAResourceWholeOrNotAtAll() {
    assertEquals(
        Errors.INVALID_CONFIG,
        change(op("retention.ms", ConfigEdit.SET, "5000"), op("segment.ms", ConfigEdit.SET, "0")));
    assertEquals(Errors.INVALID_CONFIG, change(op("no.such", ConfigEdit.SET, "1")));
    assertEquals(Errors.INVALID_CONFIG, change(op("retention.ms", ConfigEdit.APPEND, "1")));
    assertEquals(Errors.INVALID_REQUEST, change(op("retention.ms", ConfigEdit.SET, null)));
    assertEquals(Errors.INVALID_CONFIG, change(op("compression.type", ConfigEdit.SET, "zstd")));
    assertEquals(Errors.INVALID_REQUEST, change(op("retention.ms", (byte) 9, "1")));
    assertEquals(
        Errors.INVALID_REQUEST,
        change(op("retention.ms", ConfigEdit.SET, "1"), op("retention.ms", ConfigEdit.SET, "2")));
    assertEquals(Map.of(), settings());
  }

  @Test
  void refusesToChangeWhatIsNotATopic() {
    assertEquals(Errors.INVALID_REQUEST, changeOf(BROKER, "1"));
    assertEquals(Errors.INVALID_REQUEST, changeOf((byte) 16, "metrics"));
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, changeOf(TOPIC, "none"));
  }

  @Test
  void tellsElectionsOfANewInSyncMinimum() {
    change(op("min.insync.replicas", ConfigEdit.SET, "2"));
    assertEquals(2, cluster.known("a").minInsyncReplicas());

    change(op("min.insync.replicas", ConfigEdit.DELETE, null));
    assertEquals(1, cluster.known("a").minInsyncReplicas());
  }

  @Test
  void changesAtTheSameTimeDoNotUndoEachOther() {
    InterleavedControlPlane busy =
        new InterleavedControlPlane(cluster.control)
            .then(() -> change(op("retention.ms", ConfigEdit.SET, "7000")));
    Exchange.ask(
        new IncrementalAlterConfigsHandler(busy, cluster.config),
        1,
        request(TOPIC, "a", op("segment.ms", ConfigEdit.SET, "9000")),
        IncrementalAlterConfigsResponseData.class);

    assertEquals(Map.of("retention.ms", "7000", "segment.ms", "9000"), settings());
  }

  @Test
  void inSyncMinimumEndsAsItIsSetWhateverTheOrder() {
    InterleavedControlPlane busy =
        new InterleavedControlPlane(cluster.control)
            .then(() -> {})
            .then(() -> setUnnoticed("min.insync.replicas", "1"));
    Exchange.ask(
        new IncrementalAlterConfigsHandler(busy, cluster.config),
        1,
        request(TOPIC, "a", op("min.insync.replicas", ConfigEdit.SET, "2")),
        IncrementalAlterConfigsResponseData.class);

    assertEquals("1", settings().get("min.insync.replicas"));
    assertEquals(1, cluster.known("a").minInsyncReplicas());
  }

  @Test
  void inSyncMinimumThatWasSetButNotToldIsToldLater() {
    setUnnoticed("min.insync.replicas", "3");
    assertEquals(1, cluster.known("a").minInsyncReplicas());

    new InsyncMinimums(cluster.control, Map.of()).followAll().toCompletableFuture().join();

    assertEquals(3, cluster.known("a").minInsyncReplicas());
  }

  /** As by a node that stopped before it could tell elections of it. */
  private void setUnnoticed(String name, String value) {
    ConfigTarget target = new ConfigTarget.Topic(topic.id());
    cluster.control.apply(
        new SetConfigs(List.of(ConfigChange.merge(target, Map.of(name, value), Set.of()))));
  }

  @Test
  void replacesEverythingThatTheOldRequestDoesNotName() {
    change(op("retention.ms", ConfigEdit.SET, "5000"));
    for (int version = replace.lowestVersion(); version <= 2; version++) {
      AlterConfigsRequestData.AlterConfigsResource resource =
          new AlterConfigsRequestData.AlterConfigsResource()
              .setResourceType(TOPIC)
              .setResourceName("a");
      resource
          .configs()
          .add(
              new AlterConfigsRequestData.AlterableConfig()
                  .setName("segment.ms")
                  .setValue("900" + version));
      AlterConfigsRequestData request = new AlterConfigsRequestData();
      request.resources().add(resource);

      AlterConfigsResponseData response =
          Exchange.ask(replace, version, request, AlterConfigsResponseData.class);

      assertEquals(Errors.NONE.code(), response.responses().getFirst().errorCode());
      assertEquals(Map.of("segment.ms", "900" + version), settings());
    }
  }

  @Test
  void onlyValidatesWhereAsked() {
    for (int version = change.lowestVersion(); version <= 1; version++) {
      IncrementalAlterConfigsRequestData request =
          request(TOPIC, "a", op("retention.ms", ConfigEdit.SET, "5000")).setValidateOnly(true);

      IncrementalAlterConfigsResponseData response =
          Exchange.ask(change, version, request, IncrementalAlterConfigsResponseData.class);

      assertEquals(Errors.NONE.code(), response.responses().getFirst().errorCode());
      assertFalse(settings().containsKey("retention.ms"));
    }
  }

  private Map<String, String> settings() {
    return cluster.control.image().metadata().topicConfigs(topic.id());
  }

  private DescribeConfigsResult describe(int version, byte type, String name) {
    DescribeConfigsRequestData request =
        new DescribeConfigsRequestData()
            .setIncludeSynonyms(true)
            .setIncludeDocumentation(version >= 3);
    request.resources().add(resource(type, name));
    return Exchange.ask(describe, version, request, DescribeConfigsResponseData.class)
        .results()
        .getFirst();
  }

  private static DescribeConfigsResource resource(byte type, String name) {
    return new DescribeConfigsResource()
        .setResourceType(type)
        .setResourceName(name)
        .setConfigurationKeys(null);
  }

  private static DescribeConfigsResourceResult entry(DescribeConfigsResult result, String name) {
    return result.configs().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private Errors change(AlterableConfig... operations) {
    return outcome(request(TOPIC, "a", operations));
  }

  private Errors changeOf(byte type, String name) {
    return outcome(request(type, name, op("retention.ms", ConfigEdit.SET, "5000")));
  }

  private Errors outcome(IncrementalAlterConfigsRequestData request) {
    IncrementalAlterConfigsResponseData response =
        Exchange.ask(change, 1, request, IncrementalAlterConfigsResponseData.class);
    assertEquals(1, response.responses().size());
    return Errors.forCode(response.responses().getFirst().errorCode());
  }

  private static IncrementalAlterConfigsRequestData request(
      byte type, String name, AlterableConfig... operations) {
    AlterConfigsResource resource =
        new AlterConfigsResource().setResourceType(type).setResourceName(name);
    List.of(operations).forEach(resource.configs()::add);
    IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
    request.resources().add(resource);
    return request;
  }

  private static AlterableConfig op(String name, byte kind, @Nullable String value) {
    return new AlterableConfig().setName(name).setConfigOperation(kind).setValue(value);
  }
}
