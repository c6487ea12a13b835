package io.penstock.cluster.replication;

import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node is killed and comes back with an empty disk. */
@Timeout(900)
class WipedDirectoryTest {

  @Test
  void keepsWhatWasAcknowledgedWhenADiskIsReplaced() throws Exception {
    Trial.run(
        "wiped-directory",
        trial -> {
          TestNode node = trial.someLeader();
          trial.willHit("kill and wipe", node);

          node.kill();
          node.wipe();

          trial.workload().awaitAckedEverywhere();
          node.start();
          trial.workload().awaitInSync();
          trial.cluster().replaceVoter(node);
        });
  }
}
