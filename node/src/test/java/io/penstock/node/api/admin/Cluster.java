package io.penstock.node.api.admin;

import io.penstock.node.api.KnownLeaders;
import io.penstock.node.config.ConfigException;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.config.NodeConfigReader;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

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

  /** Of brokers 1, 2 and 3; this is node 1. */
  static Cluster ofThree(String yaml) {
    return new Cluster(InMemoryControlPlane.withBrokers(1, 2, 3), yaml);
  }

  /** A topic with these replicas, which is there already. */
  TopicImage topic(String name, NodeIds... replicas) {
    UUID id = new UUID(name.hashCode(), 77);
    control.apply(new CreateTopics(List.of(NewTopic.assigned(name, id, List.of(replicas)))));
    return known(name);
  }

  void fence(int id) {
    BrokerImage broker = control.image().leadership().broker(id);
    if (broker == null) {
      throw new AssertionError("no broker " + id);
    }
    control.apply(new FenceBroker(id, broker.epoch()));
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

  /** What this node knows of leaders while the quorum hears from it. */
  KnownLeaders leaders() {
    return KnownLeaders.now(control, () -> false);
  }

  /** What it knows while this is so. */
  Supplier<KnownLeaders> leadersWhileCutOff(BooleanSupplier cutOff) {
    return () -> KnownLeaders.now(control, cutOff);
  }

  boolean has(String name) {
    return control.image().leadership().topic(name) != null;
  }
}
