package io.penstock.cluster.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.BrokerProcess;
import io.penstock.cluster.process.Distribution;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * kill -9 while producers write, again and again on one data directory ({@code
 * penstock.crash.rounds}): what was acknowledged is there once and in order, and the broker serves
 * again on the same log.
 */
@Timeout(900)
class KillDuringProduceTest {
  private static final int PARTITIONS = 3;
  private static final String TOPIC = "survivors";

  @Test
  void losesAndDoublesNothingThatWasAcknowledged() throws Exception {
    int rounds = Integer.getInteger("penstock.crash.rounds", 3);
    long seed = Long.getLong("penstock.seed", new Random().nextLong());
    Random random = new Random(seed);
    Path data = Distribution.scratch("crash").resolve("data");
    AcknowledgedWrites writes = new AcknowledgedWrites(TOPIC, PARTITIONS);
    int port = createTopic(data);

    for (int round = 1; round <= rounds; round++) {
      String where = "round " + round + ", seed " + seed;
      try (BrokerProcess broker = BrokerProcess.start(data, port)) {
        writes.verify(broker.bootstrap(), where);
        long before = writes.acknowledged();
        try (AcknowledgedWrites.Run run = writes.produceTo(broker.bootstrap())) {
          run.awaitAcknowledged(before + 500 + random.nextInt(3000));
          broker.kill();
        }
        assertTrue(writes.acknowledged() > before, where);
      }
    }
    try (BrokerProcess broker = BrokerProcess.start(data, port)) {
      writes.verify(broker.bootstrap(), "after the last round, seed " + seed);
      assertEquals(0, broker.stop(), broker::log);
    }
  }

  private static int createTopic(Path data) throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(data)) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
      }
      return broker.port();
    }
  }
}
