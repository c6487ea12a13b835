package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.raft.GroupRole;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Node 2 is told of leaders. */
final class NodeStatesTest {

  private final List<String> lines = new ArrayList<>();
  private final NodeStates states = new NodeStates(2, lines::add);

  @Test
  void saysWhenItBeginsAndCeasesToLeadAGroup() {
    states.roleChanged(GroupName.LEADERSHIP, new GroupRole(1, 1, false));
    states.roleChanged(GroupName.LEADERSHIP, new GroupRole(2, 2, true));
    states.roleChanged(GroupName.METADATA, new GroupRole(2, 2, true));
    states.roleChanged(GroupName.LEADERSHIP, new GroupRole(3, 3, false));

    assertEquals(
        List.of("leads leadership", "leads metadata", "no longer leads leadership"), lines);
  }

  @Test
  void saysNothingTwice() {
    states.roleChanged(GroupName.METADATA, new GroupRole(2, 2, true));
    states.roleChanged(GroupName.METADATA, new GroupRole(2, 3, true));

    assertEquals(List.of("leads metadata"), lines);
  }
}
