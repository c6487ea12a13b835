package io.penstock.cluster.replication;

import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** kill -9 of all nodes at once. */
@Timeout(900)
@EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
class KillAllTest {

  @Test
  void keepsWhatWasAcknowledgedWhenAllAreKilledAtOnce() throws Exception {
    Trial.run(
        "kill-all",
        trial -> {
          trial.goOnFor(500, 3_000);
          trial.willHit("kill of all", trial.cluster().nodes().toArray(TestNode[]::new));

          trial.cluster().nodes().parallelStream().forEach(TestNode::kill);

          trial.cluster().start();
        });
  }
}
