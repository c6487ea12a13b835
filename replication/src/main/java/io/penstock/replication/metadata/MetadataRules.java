package io.penstock.replication.metadata;

import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetFeatureLevel;
import io.penstock.replication.value.Applied;

/** The rules of the {@code metadata} group: what each command makes of an image. */
public final class MetadataRules {

  private MetadataRules() {}

  public static Applied<MetadataImage, MetadataEvent, MetadataResult> apply(
      MetadataImage image, MetadataCommand command) {
    return switch (command) {
      case SetConfigs set -> ConfigRules.set(image, set);
      case DeleteTopicConfigs delete -> ConfigRules.deleteOfTopics(image, delete);
      case AllocateProducerIds allocate -> ProducerIdRules.allocate(image, allocate);
      case SetFeatureLevel set -> FeatureRules.setLevel(image, set);
    };
  }
}
