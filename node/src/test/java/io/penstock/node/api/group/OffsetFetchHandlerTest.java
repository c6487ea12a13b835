package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.node.api.WireExchange;
import io.penstock.node.group.GroupShards;
import io.penstock.node.group.OffsetFetches;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one request may ask for, on a node that coordinates nobody. */
class OffsetFetchHandlerTest {

  @TempDir private Path directory;
  private DataNode node;
  private GroupShards shards;
  private OffsetFetchHandler handler;

  @BeforeEach
  void open() throws Exception {
    node = new DataNode(directory);
    shards = node.groupShards(() -> false);
    handler = new OffsetFetchHandler(new OffsetFetches(shards, node.plane::image));
  }

  @AfterEach
  void close() throws Exception {
    shards.close();
    node.close();
  }

  @Test
  void aGroupThatIsNamedAgainIsToldOnce() throws Exception {
    List<OffsetFetchRequestGroup> groups = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      groups.add(new OffsetFetchRequestGroup().setGroupId("g").setTopics(null));
    }

    OffsetFetchResponseData answer =
        WireExchange.ask(
            node.loop,
            node.context(9),
            handler,
            new OffsetFetchRequestData().setGroups(groups),
            OffsetFetchResponseData.class);

    assertEquals(1, answer.groups().size());
    assertEquals(Errors.NOT_COORDINATOR.code(), answer.groups().getFirst().errorCode());
  }

  @Test
  void moreOffsetsThanAResponseHoldsAreNotAskedFor() {
    OffsetFetchRequestTopics topic =
        new OffsetFetchRequestTopics()
            .setName("read")
            .setPartitionIndexes(Collections.nCopies(200_001, 0));
    RecordedContext context = node.context(9);

    handler.handle(
        context,
        new OffsetFetchRequestData()
            .setGroups(
                List.of(new OffsetFetchRequestGroup().setGroupId("g").setTopics(List.of(topic)))));

    assertNotNull(context.closeReason());
  }
}
