package io.penstock.replication.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetFeatureLevel;
import io.penstock.replication.metadata.MetadataEvent.ConfigsChanged;
import io.penstock.replication.metadata.MetadataResult.Done;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import io.penstock.replication.metadata.MetadataResult.Refused;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.PersistentMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Configurations, producer ids and the feature level. */
class MetadataRulesTest {

  private static final UUID ID = new UUID(1, 2);
  private static final ConfigTarget TOPIC = new ConfigTarget.Topic(ID);

  @Test
  void mergesSetsReplacesAndDeletesKeys() {
    MetadataImage image = set(MetadataImage.EMPTY, Map.of("a", "1", "b", "2"), Set.of());
    image = set(image, Map.of("a", "3"), Set.of("b", "unknown"));
    assertEquals(Map.of("a", "3"), image.topicConfigs(ID));

    MetadataImage replaced =
        MetadataRules.apply(
                image, new SetConfigs(List.of(ConfigChange.replace(TOPIC, Map.of("c", "4")))))
            .image();

    assertEquals(Map.of("c", "4"), replaced.topicConfigs(ID));
    assertEquals(Map.of(), replaced.nodeConfigs(1));
    assertEquals(Map.of(), replaced.clusterConfigs());
  }

  @Test
  void takesAllChangesOfACommandOrNone() {
    ConfigChange good = ConfigChange.merge(TOPIC, Map.of("a", "1"), Set.of());
    ConfigChange bad =
        ConfigChange.merge(new ConfigTarget.Node(1), Map.of("x".repeat(300), "1"), Set.of());

    var applied = MetadataRules.apply(MetadataImage.EMPTY, new SetConfigs(List.of(good, bad)));

    assertEquals(
        ControlError.INVALID_CONFIG, assertInstanceOf(Refused.class, applied.result()).error());
    assertEquals(MetadataImage.EMPTY, applied.image());
    assertTrue(applied.events().isEmpty());
  }

  @Test
  void sayingWhatIsAlreadySoChangesNothing() {
    MetadataImage image = set(MetadataImage.EMPTY, Map.of("a", "1"), Set.of());

    var applied =
        MetadataRules.apply(
            image, new SetConfigs(List.of(ConfigChange.merge(TOPIC, Map.of("a", "1"), Set.of()))));

    assertEquals(new Done(), applied.result());
    assertTrue(applied.events().isEmpty());
  }

  @Test
  void forgetsTheConfigurationOfDeletedTopicsOnly() {
    MetadataImage image = set(MetadataImage.EMPTY, Map.of("a", "1"), Set.of());
    UUID other = new UUID(3, 4);

    var applied = MetadataRules.apply(image, new DeleteTopicConfigs(List.of(other, ID)));

    assertEquals(MetadataImage.EMPTY, applied.image());
    assertEquals(
        List.of(TOPIC), applied.events().stream().map(e -> ((ConfigsChanged) e).target()).toList());
  }

  @Test
  void groupsHaveSettingsByTheirNamesUntilThereAreTooMany() {
    PersistentMap<ConfigTarget, SortedMap<String, String>> many = PersistentMap.empty();
    for (int i = 0; i < ConfigRules.TARGETS_MAX; i++) {
      many = many.with(new ConfigTarget.Group("g" + i), new TreeMap<>(Map.of("a", "1")));
    }
    MetadataImage full = new MetadataImage(many, 0, MetadataImage.FIRST_FEATURE_LEVEL);

    var known = set(full, new ConfigTarget.Group("g7"), Map.of("a", "2"));
    var topic = set(full, TOPIC, Map.of("a", "2"));
    var more = set(full, new ConfigTarget.Group("more"), Map.of("a", "2"));

    assertEquals(Map.of("a", "2"), known.image().groupConfigs("g7"));
    assertEquals(Map.of("a", "1"), known.image().groupConfigs("g8"));
    assertEquals(Map.of("a", "2"), topic.image().topicConfigs(ID));
    assertInstanceOf(Refused.class, more.result());
    assertEquals(Map.of(), more.image().groupConfigs("more"));
  }

  private static Applied<MetadataImage, MetadataEvent, MetadataResult> set(
      MetadataImage image, ConfigTarget target, Map<String, String> set) {
    return MetadataRules.apply(
        image, new SetConfigs(List.of(ConfigChange.merge(target, set, Set.of()))));
  }

  @Test
  void tellsWhichConfigurationsChanged() {
    MetadataImage before = set(MetadataImage.EMPTY, Map.of("a", "1"), Set.of());
    MetadataImage after =
        MetadataRules.apply(
                before,
                new SetConfigs(
                    List.of(ConfigChange.replace(new ConfigTarget.Node(7), Map.of("n", "1")))))
            .image();
    List<ConfigTarget> changed = new ArrayList<>();

    after.forEachChangedConfig(before, (target, was, is) -> changed.add(target));

    assertEquals(List.of(new ConfigTarget.Node(7)), changed);
  }

  @Test
  void givesEachProducerIdOnce() {
    var first = MetadataRules.apply(MetadataImage.EMPTY, new AllocateProducerIds(1, 1000));
    var second = MetadataRules.apply(first.image(), new AllocateProducerIds(2, 1000));

    assertEquals(new ProducerIdBlock(0, 1000), first.result());
    assertEquals(new ProducerIdBlock(1000, 1000), second.result());
    for (int count : List.of(0, -1, 1_000_000)) {
      var refused = MetadataRules.apply(second.image(), new AllocateProducerIds(1, count));
      assertInstanceOf(Refused.class, refused.result());
      assertEquals(second.image(), refused.image());
    }
  }

  @Test
  void theFeatureLevelOnlyRises() {
    var raised = MetadataRules.apply(MetadataImage.EMPTY, new SetFeatureLevel(3));
    assertEquals(3, raised.image().featureLevel());

    var lowered = MetadataRules.apply(raised.image(), new SetFeatureLevel(2));

    assertEquals(
        ControlError.UNSUPPORTED_FEATURE_LEVEL,
        assertInstanceOf(Refused.class, lowered.result()).error());
    assertEquals(3, lowered.image().featureLevel());
  }

  private static MetadataImage set(
      MetadataImage image, Map<String, String> set, Set<String> delete) {
    return MetadataRules.apply(
            image, new SetConfigs(List.of(ConfigChange.merge(TOPIC, set, delete))))
        .image();
  }
}
