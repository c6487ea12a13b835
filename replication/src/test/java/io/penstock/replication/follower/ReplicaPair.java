package io.penstock.replication.follower;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.observer.ManualTasks;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaAppend;
import io.penstock.replication.partition.ReplicaHost;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of one partition on nodes 1, 2 and so on, each with its own follower, over one
 * clock. Roles are handed out as the registry does it.
 */
final class ReplicaPair {

  static final LogId ID = new LogId("pipe", new UUID(3, 4), 0);
  static final ReplicaKey KEY = new ReplicaKey(ID.topicId(), ID.partition());
  static final FollowerSettings SETTINGS =
      new FollowerSettings(500, 1 << 20, 64 << 10, 10, 200, Long.MAX_VALUE);

  final ManualTasks tasks = new ManualTasks();
  final Map<Integer, Node> nodes = new HashMap<>();
  private int partitionEpoch;

  /** One replica and the follower of its node. */
  final class Node {
    final ReplicaHost host;
    final MetricRegistry metrics = new MetricRegistry();
    final Map<Integer, DirectLeaderEndpoint> endpoints = new HashMap<>();
    ReplicaFollower follower;

    private Node(int id, LogSettings settings) throws StorageException {
      host = new ReplicaHost(id, ID, settings, tasks);
      follower = newFollower(id);
    }

    private ReplicaFollower newFollower(int id) {
      FollowerServices services =
          new FollowerServices(
              () -> 7,
              (leader, _) -> {
                DirectLeaderEndpoint endpoint =
                    new DirectLeaderEndpoint(id, key -> leading(leader, key), tasks);
                endpoints.put(leader, endpoint);
                return endpoint;
              },
              tasks,
              tasks::run,
              new Random(1));
      return new ReplicaFollower(id, services, SETTINGS, new MetricRegistry());
    }

    PartitionReplica replica() {
      return host.replica();
    }

    void become(PartitionImage image) {
      host.become(image);
      follower.assigned(host.replica(), image);
    }

    DirectLeaderEndpoint to(int leader) {
      DirectLeaderEndpoint endpoint = endpoints.get(leader);
      if (endpoint == null) {
        throw new AssertionError("never asked " + leader);
      }
      return endpoint;
    }

    /** Killed and started again; {@code start} says with what. */
    void restart(Restart start) throws StorageException {
      follower.close();
      start.of(host);
      follower = newFollower(host.nodeId());
    }
  }

  /** A way to start again. */
  interface Restart {
    void of(ReplicaHost host) throws StorageException;
  }

  ReplicaPair(int count, LogSettings settings) throws StorageException {
    for (int id = 1; id <= count; id++) {
      nodes.put(id, new Node(id, settings));
    }
  }

  private @Nullable PartitionReplica leading(int node, ReplicaKey key) {
    return key.equals(KEY) ? node(node).replica() : null;
  }

  Node node(int id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new AssertionError("no node " + id);
    }
    return node;
  }

  PartitionImage image(int leader, int leaderEpoch, int... inSync) {
    int[] replicas = nodes.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
    return new PartitionImage(
        leader,
        leaderEpoch,
        partitionEpoch++,
        NodeIds.of(replicas),
        NodeIds.of(inSync),
        NodeIds.NONE);
  }

  /** Everybody hears of this leader at once. */
  void lead(int leader, int leaderEpoch, int... inSync) {
    PartitionImage image = image(leader, leaderEpoch, inSync);
    node(leader).become(image);
    nodes.forEach((id, node) -> {
      if (id != leader) {
        node.become(image);
      }
    });
  }

  /** Appends at a node that leads; returns the offset of the first record. */
  long append(int node, ByteBuffer records) {
    ReplicaAppend append = node(node).host.append(records);
    if (append instanceof ReplicaAppend.Answered(AppendOutcome.Appended appended, _)) {
      return appended.firstOffset();
    }
    throw new AssertionError("not appended: " + append);
  }

  long append(int node, int records) {
    return append(node, TestBatch.ofRecords(records).build());
  }
}
