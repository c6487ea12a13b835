package io.penstock.cluster.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The node that coordinates a group is killed while groups commit offsets, again and again. */
@Timeout(900)
class OffsetsSurviveTest {

  private static final int ROUNDS = Integer.getInteger("penstock.group.rounds", 3);
  private static final int GROUPS = 8;
  private static final int COMMITS_A_ROUND = 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Test
  void noCommittedOffsetIsLostOrMovesBackWhenCoordinatorsAreKilled() throws Exception {
    TestCluster.run("offsets-survive", Shape.of(3), OffsetsSurviveTest::killCoordinators);
  }

  private static void killCoordinators(TestCluster cluster) throws Exception {
    cluster.start();
    List<Committer> committers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic("read", GROUPS, (short) 3))).all().get();
      for (int i = 0; i < GROUPS; i++) {
        committers.add(
            new Committer(cluster.bootstrap(), "group-" + i, new TopicPartition("read", i)));
        threads.add(Thread.ofPlatform().name("committer-" + i).start(committers.getLast()));
      }
      awaitCommits(committers);
      for (int round = 1; round <= ROUNDS; round++) {
        TestNode coordinator = coordinator(cluster, admin, committers.get(round % GROUPS).group());

        coordinator.kill();
        long killedNs = System.nanoTime();
        awaitCommits(committers);

        System.out.printf(
            "round=%d killed=%s groups commit again and went on after ms=%d%n",
            round, coordinator.id(), (System.nanoTime() - killedNs) / 1_000_000);
        coordinator.start();
        awaitCommits(committers);
      }
      committers.forEach(Committer::stop);
      for (Thread thread : threads) {
        thread.join();
      }
      for (Committer committer : committers) {
        assertEquals(List.of(), committer.wrong());
        assertEquals(committer.acked(), committed(admin, committer));
      }
    } finally {
      committers.forEach(Committer::stop);
    }
  }

  /** Each group goes on for so many commits. */
  private static void awaitCommits(List<Committer> committers) {
    long[] before = committers.stream().mapToLong(Committer::acked).toArray();
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          for (int i = 0; i < before.length; i++) {
            Committer each = committers.get(i);
            assertTrue(each.acked() >= before[i] + COMMITS_A_ROUND, each.group() + " is held up");
          }
        });
  }

  private static TestNode coordinator(TestCluster cluster, Admin admin, String group)
      throws ExecutionException, InterruptedException {
    ConsumerGroupDescription description =
        admin
            .describeConsumerGroups(List.of(group))
            .describedGroups()
            .values()
            .iterator()
            .next()
            .get();
    return cluster.node(description.coordinator().id());
  }

  private static long committed(Admin admin, Committer committer)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        admin.listConsumerGroupOffsets(committer.group()).partitionsToOffsetAndMetadata().get();
    OffsetAndMetadata only = offsets.values().iterator().next();
    assertNotNull(only);
    return only.offset();
  }
}
