package io.penstock.replication.metadata;

import io.penstock.replication.metadata.MetadataCommand.SetFeatureLevel;
import io.penstock.replication.metadata.MetadataEvent.FeatureLevelRaised;
import io.penstock.replication.metadata.MetadataResult.Done;
import io.penstock.replication.metadata.MetadataResult.Refused;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlError;
import java.util.List;

/**
 * The cluster's feature level only rises. How far it may rise is what the oldest node knows, which
 * the proposer checks: this rule must compute the same on a node that knows more.
 */
final class FeatureRules {

  private FeatureRules() {}

  static Applied<MetadataImage, MetadataEvent, MetadataResult> setLevel(
      MetadataImage image, SetFeatureLevel command) {
    int current = image.featureLevel();
    if (command.level() < current) {
      String text = "the feature level is " + current + " and cannot go back";
      return new Applied<>(
          image, List.of(), new Refused(ControlError.UNSUPPORTED_FEATURE_LEVEL, text));
    }
    if (command.level() == current) {
      return new Applied<>(image, List.of(), new Done());
    }
    return new Applied<>(
        image.withFeatureLevel(command.level()),
        List.of(new FeatureLevelRaised(current, command.level())),
        new Done());
  }
}
