package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.log.LogSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What an operator reads of logs that cannot be opened. */
@Timeout(60)
class FailedOpeningTest {

  private static final int SELF = 1;
  private static final Path DIRECTORY = Path.of("/failed-opening");

  private final Logger logger = (Logger) LoggerFactory.getLogger(PartitionRegistry.class);
  private final FakeDisk disk = new FakeDisk(8);

  @Test
  void whyALogCannotBeOpenedIsSaidOnceHoweverOftenItIsTried() throws Exception {
    Level level = logger.getLevel();
    Said said = new Said();
    logger.setLevel(Level.DEBUG);
    logger.addAppender(said);
    said.start();
    try {
      disk.limitCapacity(0);
      open(said);
    } finally {
      logger.detachAppender(said);
      logger.setLevel(level);
    }
  }

  private void open(Said said) throws Exception {
    InMemoryControlPlane plane = InMemoryControlPlane.withBrokers(SELF);
    try (LogDirectories logs = TestLogs.open(disk, DIRECTORY);
        PartitionRegistry registry =
            new PartitionRegistry(
                InMemoryControlPlane.processOf(SELF), logs, (_, _) -> LogSettings.defaults())) {
      plane.addListener(registry);
      plane.apply(
          new CreateTopics(
              List.of(NewTopic.assigned("pipe", new UUID(10, 1), List.of(NodeIds.of(SELF))))));
      said.await(Level.DEBUG, 1);
      assertEquals(1, said.count(Level.ERROR));

      disk.failUnder(DIRECTORY);

      said.await(Level.ERROR, 2);
      disk.healWrites();
    }
  }

  /** How loudly it was said that a log cannot be opened. */
  private static final class Said extends AppenderBase<ILoggingEvent> {
    private final List<Level> levels = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getMessage().startsWith("Log cannot be opened")) {
        levels.add(event.getLevel());
      }
    }

    private long count(Level level) {
      return levels.stream().filter(level::equals).count();
    }

    private void await(Level level, int times) {
      Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> count(level) >= times);
    }
  }
}
