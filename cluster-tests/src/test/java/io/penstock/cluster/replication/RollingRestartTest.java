package io.penstock.cluster.replication;

import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** Each node is stopped in order and started again, one after the other. */
@Timeout(900)
@EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
class RollingRestartTest {

  @Test
  void keepsWhatWasAcknowledgedWhileNodeAfterNodeIsRestarted() throws Exception {
    Trial.run(
        "rolling-restart",
        trial -> {
          for (TestNode node : trial.cluster().nodes()) {
            trial.willHit("restart", node);

            node.stop();
            node.start();

            trial.workload().awaitInSync();
            trial.goOnFor(200, 1_000);
          }
        });
  }
}
