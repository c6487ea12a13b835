package io.penstock.node.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.log.LogSettings;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the table to Kafka's names, defaults and ranges. */
class TopicConfigsTest {

  @Test
  void knowsEverySettingThatKafkasClientsHaveANameFor() throws IllegalAccessException {
    for (Field field : org.apache.kafka.common.config.TopicConfig.class.getFields()) {
      boolean isName =
          Modifier.isStatic(field.getModifiers())
              && field.getName().endsWith("_CONFIG")
              && !field.isAnnotationPresent(Deprecated.class);
      if (isName) {
        assertNotNull(TopicConfigs.find((String) field.get(null)), field.getName());
      }
    }
  }

  @Test
  void everyDefaultPassesItsOwnRule() {
    for (TopicConfig config : TopicConfigs.all()) {
      assertEquals(null, config.problemWith(config.byDefault()), config.name());
      assertTrue(config.documentation().endsWith("."), config.name());
    }
  }

  @Test
  void defaultsAreThoseOfStorage() {
    assertEquals(LogSettings.defaults(), new TopicSettings(Map.of(), Map.of()).forLog());
  }

  @Test
  void refusesWhatHasAnotherTypeOrIsOutOfRange() {
    assertRefused("segment.bytes", "1048575", "lots", "4294967296", "", "1.5");
    assertRefused("retention.ms", "-2", "7d");
    assertRefused("min.insync.replicas", "0");
    assertRefused("preallocate", "yes", "1");
    assertRefused("min.cleanable.dirty.ratio", "1.1", "-0.1", "NaN");
    assertRefused("message.timestamp.type", "createtime");
    assertRefused("compression.gzip.level", "0", "10");
    assertRefused("cleanup.policy", "purge", "delete,delete");
  }

  @Test
  void refusesWhatWouldPromiseSomethingThatIsNotThere() {
    assertRefused("compression.type", "zstd", "uncompressed");
    assertRefused("remote.storage.enable", "true");
    assertRefused("unclean.leader.election.enable", "true");
    assertRefused("max.decompressed.message.bytes", "1000");
    assertRefused("leader.replication.throttled.replicas", "*");
    assertRefused("errors.deadletterqueue.group.enable", "true");
  }

  @Test
  void takesWhatKafkaTakes() {
    Map<String, String> taken =
        Map.of(
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "cleanup.policy", "compact, delete",
            "segment.bytes", " 1048576 ",
            "preallocate", "TRUE",
            "compression.gzip.level", "-1",
            "flush.messages", "1");

    assertEquals(List.of(), TopicConfigs.problems(taken));
  }

  @Test
  void judgesSettingsThatBelongTogether() {
    assertEquals(
        List.of("min.compaction.lag.ms must not be above max.compaction.lag.ms"),
        TopicConfigs.problems(Map.of("min.compaction.lag.ms", "9", "max.compaction.lag.ms", "8")));
    assertEquals(
        List.of("Unknown topic config name: no.such"),
        TopicConfigs.problems(Map.of("no.such", "")));
  }

  @Test
  void theTopicsOwnValueIsStrongestThenTheNodes() {
    TopicSettings settings =
        new TopicSettings(
            Map.of("segment.bytes", "2000000", "segment.ms", "nonsense"),
            Map.of("segment.bytes", "3000000", "segment.ms", "5", "retention.ms", "6"));

    assertEquals(2_000_000, settings.forLog().segmentBytes());
    assertEquals(5, settings.forLog().segmentMs());
    assertEquals(6, settings.forLog().retentionMs());
    assertEquals(1, settings.minInsyncReplicas());
  }

  private static void assertRefused(String name, String... values) {
    for (String value : values) {
      assertEquals(1, TopicConfigs.problems(Map.of(name, value)).size(), name + "=" + value);
    }
  }
}
