package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.api.admin.TopicCreation;
import io.penstock.node.config.NodeConfigReader;
import io.penstock.node.group.OffsetsTopic;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On how many brokers groups are kept, in a cluster that has just begun. */
class OffsetsTopicCreationTest {

  private static final int VOTERS = 3;

  private final AtomicLong nowMs = new AtomicLong();
  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1);
  private OffsetsTopicCreation creation;

  @BeforeEach
  void build() throws Exception {
    TopicCreation topics =
        new TopicCreation(
            control,
            (_, _) -> CompletableFuture.completedFuture(null),
            NodeConfigReader.parse("test.yaml", ""));
    creation = new OffsetsTopicCreation(topics, control::image, VOTERS, nowMs::get);
  }

  @Test
  void brokersThatAreToComeAreWaitedFor() throws Exception {
    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, ensure());
    assertNull(topic());

    control.addBroker(2, "127.0.0.1", 9094);
    control.addBroker(3, "127.0.0.1", 9096);

    assertEquals(Errors.NONE, ensure());
    assertEquals(3, replicas());
  }

  @Test
  void brokersThatDoNotComeAreDoneWithout() throws Exception {
    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, ensure());
    nowMs.addAndGet(TimeUnit.MINUTES.toMillis(1) - 1);
    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, ensure());

    nowMs.incrementAndGet();

    assertEquals(Errors.NONE, ensure());
    assertEquals(1, replicas());
  }

  private Errors ensure() throws Exception {
    return creation.ensure().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private @Nullable TopicImage topic() {
    return control.image().leadership().topic(OffsetsTopic.NAME);
  }

  private int replicas() {
    TopicImage topic = topic();
    assertNotNull(topic);
    PartitionImage partition = topic.partition(0);
    assertNotNull(partition);
    return partition.replicas().size();
  }
}
