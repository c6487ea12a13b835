package io.penstock.cluster.replication;

import io.penstock.cluster.nodes.TestNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node is killed, and before it is back something has happened to the ends of its logs. */
@Timeout(900)
class DamagedTailTest {
  private static final int LOST_BYTES_MAX = 20_000;

  @Test
  void keepsWhatWasAcknowledgedWhenTheTailOfAReplicaIsDamaged() throws Exception {
    Trial.run(
        "damaged-tail",
        trial -> {
          TestNode node = trial.someNode();
          trial.willHit("kill and damage", node);

          node.kill();
          List<Path> logs = newestSegments(node.data());
          logs.forEach(log -> damage(log, trial.random()));

          trial.workload().awaitAckedEverywhere();
          node.start();
        });
  }

  private static List<Path> newestSegments(Path data) throws IOException {
    try (Stream<Path> directories = Files.list(data)) {
      return directories
          .filter(directory -> directory.getFileName().toString().startsWith("damaged-tail-"))
          .sorted()
          .map(DamagedTailTest::newestSegment)
          .toList();
    }
  }

  private static Path newestSegment(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Path::compareTo)
          .orElseThrow();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Cuts bytes off, overwrites them with others or with zeros, or appends some. */
  private static void damage(Path log, Random random) {
    try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
      long size = file.size();
      int bytes = (int) Math.min(size, 1 + random.nextInt(LOST_BYTES_MAX));
      byte[] garbage = new byte[bytes];
      switch (random.nextInt(4)) {
        case 0 -> file.truncate(size - bytes);
        case 1 -> file.write(ByteBuffer.wrap(garbage), size - bytes);
        case 2 -> {
          random.nextBytes(garbage);
          file.write(ByteBuffer.wrap(garbage), size - bytes);
        }
        default -> {
          random.nextBytes(garbage);
          file.write(ByteBuffer.wrap(garbage), size);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
