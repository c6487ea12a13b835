package io.penstock.replication.metadata;

import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataEvent.ConfigsChanged;
import io.penstock.replication.metadata.MetadataResult.Done;
import io.penstock.replication.metadata.MetadataResult.Refused;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Configurations are set and forgotten. Which keys exist and what they may be is checked by the
 * proposer, who knows the settings; here only sizes are.
 */
final class ConfigRules {

  static final int KEY_LENGTH_MAX = 256;
  static final int VALUE_LENGTH_MAX = 64 * 1024;
  static final int KEYS_MAX = 1_000;

  /**
   * How much may have settings before groups are refused theirs: topics and nodes are bounded
   * elsewhere, names that a group might have are not.
   */
  static final int TARGETS_MAX = 200_000;

  private ConfigRules() {}

  static Applied<MetadataImage, MetadataEvent, MetadataResult> set(
      MetadataImage before, SetConfigs command) {
    MetadataImage image = before;
    List<MetadataEvent> events = new ArrayList<>();
    for (ConfigChange change : command.changes()) {
      SortedMap<String, String> current = image.configs(change.target());
      SortedMap<String, String> next = change.replace() ? new TreeMap<>() : new TreeMap<>(current);
      next.keySet().removeAll(change.delete());
      for (Map.Entry<String, String> entry : change.set().entrySet()) {
        if (entry.getKey().isEmpty() || entry.getKey().length() > KEY_LENGTH_MAX) {
          return refused(before, "a key of " + entry.getKey().length() + " characters");
        }
        if (entry.getValue().length() > VALUE_LENGTH_MAX) {
          return refused(before, "the value of " + entry.getKey() + " is too long");
        }
        next.put(entry.getKey(), entry.getValue());
      }
      if (next.size() > KEYS_MAX) {
        return refused(before, "more than " + KEYS_MAX + " keys for " + change.target());
      }
      if (current.isEmpty() && isTooMany(image, change.target())) {
        return refused(before, "more than " + TARGETS_MAX + " groups and topics with settings");
      }
      if (!next.equals(current)) {
        image = image.withConfigs(change.target(), next);
        events.add(new ConfigsChanged(change.target(), image.configs(change.target())));
      }
    }
    return new Applied<>(image, events, new Done());
  }

  private static boolean isTooMany(MetadataImage image, ConfigTarget target) {
    return target instanceof ConfigTarget.Group && image.allConfigs().size() >= TARGETS_MAX;
  }

  static Applied<MetadataImage, MetadataEvent, MetadataResult> deleteOfTopics(
      MetadataImage before, DeleteTopicConfigs command) {
    MetadataImage image = before;
    List<MetadataEvent> events = new ArrayList<>();
    for (UUID id : command.topicIds()) {
      if (!image.topicConfigs(id).isEmpty()) {
        ConfigTarget target = new ConfigTarget.Topic(id);
        image = image.withConfigs(target, new TreeMap<>());
        events.add(new ConfigsChanged(target, image.configs(target)));
      }
    }
    return new Applied<>(image, events, new Done());
  }

  private static Applied<MetadataImage, MetadataEvent, MetadataResult> refused(
      MetadataImage image, String message) {
    return new Applied<>(image, List.of(), new Refused(ControlError.INVALID_CONFIG, message));
  }
}
