package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.TopicImage;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Where groups are at home. */
class OffsetsTopicTest {

  @Test
  void groupsAreAtHomeWhereKafkaHasThem() {
    InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1);
    control.apply(
        new CreateTopics(List.of(NewTopic.placed(OffsetsTopic.NAME, new UUID(1, 2), 50, 1))));
    TopicImage topic = control.image().leadership().topic(OffsetsTopic.NAME);
    assertNotNull(topic);

    assertEquals(3, OffsetsTopic.partitionOf("g", topic));
    assertEquals(24, OffsetsTopic.partitionOf("console-consumer-1", topic));
    assertEquals(17, OffsetsTopic.partitionOf("orders", topic)); // of a hash below 0
    assertEquals(0, OffsetsTopic.partitionOf("polygenelubricants", topic)); // of the lowest hash
  }
}
