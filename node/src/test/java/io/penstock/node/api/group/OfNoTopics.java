package io.penstock.node.api.group;

import io.penstock.node.group.GroupKinds;
import io.penstock.node.group.ImageTopics;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerSettings;
import io.penstock.replication.cluster.ClusterImage;
import java.util.List;

/** Groups in a cluster that has no topics. */
final class OfNoTopics {

  private OfNoTopics() {}

  static GroupKinds kinds() {
    ClassicSettings classic = ClassicSettings.standard();
    return new GroupKinds(
        classic,
        ConsumerSettings.standard(List.of(new UniformAssignor()), classic),
        new ImageTopics(() -> ClusterImage.EMPTY));
  }
}
