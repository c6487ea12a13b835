package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests that each make a {@link RaftCluster}, of whose nodes none may have halted at the end. */
abstract class WithRaftCluster {

  @TempDir Path root;

  @SuppressWarnings("NullAway.Init") // by each test, since they differ in size
  RaftCluster cluster;

  @AfterEach
  void close() {
    List<String> halts = cluster.halts();
    cluster.close();
    assertEquals(List.of(), halts);
  }
}
