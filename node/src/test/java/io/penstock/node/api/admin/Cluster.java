package io.penstock.node.api.admin;

import io.penstock.node.config.ConfigException;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.config.NodeConfigReader;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.TopicImage;
import java.util.List;
import java.util.UUID;

/** A cluster of broker 1 (and others, by name only) with what handlers need around it. */
final class Cluster {

  final InMemoryControlPlane control;
  final Served served = new Served();
  final NodeConfig config;
  final TopicCreation creation;

  private Cluster(InMemoryControlPlane control, String yaml) {
    this.control = control;
    try {
      this.config = NodeConfigReader.parse("test.yaml", yaml);
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
    this.creation = new TopicCreation(control, served, config);
  }

  static Cluster ofOne() {
    return with("");
  }

  static Cluster with(String yaml) {
    return new Cluster(InMemoryControlPlane.withBrokers(1), yaml);
  }

  /** A topic that is there already. */
  TopicImage topic(String name, int partitions) {
    UUID id = new UUID(name.hashCode(), 77);
    control.apply(new CreateTopics(List.of(NewTopic.placed(name, id, partitions, 1))));
    return known(name);
  }

  TopicImage known(String name) {
    TopicImage topic = control.image().leadership().topic(name);
    if (topic == null) {
      throw new AssertionError("no topic " + name);
    }
    return topic;
  }

  boolean has(String name) {
    return control.image().leadership().topic(name) != null;
  }
}
