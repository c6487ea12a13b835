package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories of nodes at each point of their lives. */
class DataIdentityTest {

  private static final UUID CLUSTER = new UUID(1, 2);

  @TempDir private Path directory;
  private final Disk disk = Disks.local();

  @Test
  void theDirectoryIdOutlivesACrashOnceItMayBeTold() throws Exception {
    DataIdentity first = read();
    first.claim();

    assertEquals(first.controlDirectoryId(), read().controlDirectoryId());
    assertNull(read().clusterId());
    assertFalse(read().isMember());
  }

  @Test
  void whatWasNotClaimedIsDrawnAnew() throws Exception {
    assertNotEquals(read().controlDirectoryId(), read().controlDirectoryId());
  }

  @Test
  void directoriesSayByTheirIdsWhetherTheyAreTheOnesOfLastTime() throws Exception {
    DataIdentity first = read();
    first.claim();
    first.complete(CLUSTER, false);

    assertEquals(first.directoryIds(List.of(directory)), read().directoryIds(List.of(directory)));
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertNotEquals(
        first.directoryIds(List.of(directory)), read().directoryIds(List.of(directory)));
  }

  @Test
  void aDirectoryThatWasLeftOutIsNotAmongThoseThatAreThere() throws Exception {
    Path second = Files.createDirectory(directory.resolve("second"));
    DataIdentity identity = read(directory, second);
    List<UUID> both = identity.directoryIds(List.of(directory, second));

    assertEquals(2, both.size());
    assertEquals(both.subList(1, 2), identity.directoryIds(List.of(second)));
    assertEquals(both.subList(0, 1), identity.directoryIds(List.of(directory)));
    assertTrue(identity.canUseAll(List.of(directory, second)));
    assertFalse(identity.canUseAll(List.of(directory)));
  }

  @Test
  void anObserverKnowsItsClusterWithoutARaftDirectory() throws Exception {
    DataIdentity first = read();
    first.claim();
    first.complete(CLUSTER, false);

    DataIdentity again = read();

    assertEquals(CLUSTER, again.clusterId());
    assertEquals(first.controlDirectoryId(), again.controlDirectoryId());
    assertFalse(again.isMember());
  }

  @Test
  void aVoterWhoseRaftDirectoryIsGoneIsRefusedAlsoAfterItWasAnObserver() throws Exception {
    DataIdentity first = read();
    first.claim();
    first.complete(CLUSTER, false);
    read().complete(CLUSTER, true);

    NodeStartException refused = assertThrows(NodeStartException.class, this::read);

    assertTrue(String.valueOf(refused.getMessage()).contains("join anew"), refused.getMessage());
  }

  @Test
  void aMarkOfAnotherNodeIsRefused() throws Exception {
    read().claim();
    Path mark = directory.resolve(NodeMark.FILE_NAME);
    Files.writeString(mark, Files.readString(mark).replace("node.id=1", "node.id=5"));

    NodeStartException refused = assertThrows(NodeStartException.class, this::read);

    assertTrue(
        String.valueOf(refused.getMessage()).contains("belongs to node 5"), refused.getMessage());
  }

  @Test
  void aDamagedMarkIsRefusedWithItsPath() throws IOException {
    for (String text : new String[] {"", "version=2\n", "version=1\nnode.id=x\n"}) {
      Files.writeString(directory.resolve(NodeMark.FILE_NAME), text);

      StorageException refused = assertThrows(StorageException.class, this::read);

      assertTrue(
          String.valueOf(refused.getMessage()).contains(NodeMark.FILE_NAME), refused.getMessage());
    }
  }

  private DataIdentity read() throws NodeStartException, StorageException {
    return read(directory);
  }

  private DataIdentity read(Path... directories) throws NodeStartException, StorageException {
    NodeConfig one = NodeConfig.defaults(directory, new HostPort("127.0.0.1", 0));
    NodeConfig.Data data = one.data();
    return DataIdentity.read(
        disk,
        new NodeConfig(
            one.node(),
            one.cluster(),
            new NodeConfig.Data(
                List.of(directories),
                data.adoptKafkaData(),
                data.retentionCheck(),
                data.recoveryThreads()),
            one.listener(),
            one.peer(),
            one.admin(),
            one.replication(),
            one.limits(),
            one.threads(),
            one.cleaner(),
            one.groups(),
            one.topics()));
  }
}
