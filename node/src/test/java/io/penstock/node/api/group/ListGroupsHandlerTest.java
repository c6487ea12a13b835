package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.node.group.GroupFound;
import io.penstock.node.group.GroupListing;
import io.penstock.node.group.GroupShards;
import io.penstock.node.group.GroupView.Summary;
import io.penstock.node.group.GroupViews;
import io.penstock.node.group.OffsetCommits;
import io.penstock.node.group.OffsetsTopic;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node with a group that nobody is in, and with a name under which there are only offsets. */
@Timeout(60)
class ListGroupsHandlerTest {

  private static final int VERSION = 5;

  @TempDir private Path directory;
  private DataNode node;
  private GroupShards shards;

  @BeforeEach
  void open() throws Exception {
    node = new DataNode(directory);
    shards = node.groupShards(() -> false);
    node.registry.addRoleObserver(shards);
    node.createTopic("read", 1);
    node.createTopic(OffsetsTopic.NAME, 1);
    Awaitility.await().untilAsserted(() -> assertEquals(Errors.NONE, commit("offsets")));
    CompletableFuture<Boolean> put = new CompletableFuture<>();
    shards.<Boolean>ask(
        "group",
        (groups, nowMs, reply, effects) ->
            effects.answer(
                reply, groups.put(new ClassicGroup("group", ClassicSettings.standard(), nowMs))),
        _ -> false,
        put::complete);
    assertEquals(true, put.get(30, TimeUnit.SECONDS));
  }

  @AfterEach
  void close() throws Exception {
    shards.close();
    node.close();
  }

  @Test
  void aNameWithOffsetsIsAnEmptyClassicGroupToAllWhoAsk() throws Exception {
    Summary expected = new Summary("offsets", "classic", "", "Empty");

    assertEquals(List.of("group/classic/Empty", "offsets/classic/Empty"), list(List.of("empty")));
    GroupViews views = new GroupViews(DataNode.SELF, shards, node.plane::image);
    assertEquals(expected, views.list(Runnable::run).get(30, TimeUnit.SECONDS).groups().getLast());
    GroupFound found = views.find("offsets").get(30, TimeUnit.SECONDS);
    assertEquals(expected, found instanceof GroupFound.Here(var view) ? view.summary() : found);
    DescribeGroupsResponseData described =
        answer(
            new DescribeGroupsHandler(shards),
            new DescribeGroupsRequestData().setGroups(List.of("offsets")),
            DescribeGroupsResponseData.class);
    assertEquals("Empty", described.groups().getFirst().groupState());
  }

  @Test
  void onlyWhatIsAskedForIsListed() {
    assertEquals(List.of("group/classic/Empty", "offsets/classic/Empty"), list(List.of()));
    assertEquals(List.of(), list(List.of("Stable")));
    assertEquals(List.of(), list(List.of(), "consumer"));
    assertEquals(
        List.of("group/classic/Empty", "offsets/classic/Empty"),
        list(List.of("Stable", "EMPTY"), "Classic"));
  }

  @Test
  void aNodeWhoseGroupsAreElsewhereListsNone() {
    node.fenceSelf();

    Awaitility.await().untilAsserted(() -> assertEquals(List.of(), list(List.of())));
  }

  private List<String> list(List<String> states, String... types) {
    ListGroupsResponseData listed =
        answer(
            new ListGroupsHandler(new GroupListing(shards)),
            new ListGroupsRequestData().setStatesFilter(states).setTypesFilter(List.of(types)),
            ListGroupsResponseData.class);
    assertEquals(Errors.NONE.code(), listed.errorCode());
    return listed.groups().stream()
        .map(each -> each.groupId() + "/" + each.groupType() + "/" + each.groupState())
        .sorted()
        .toList();
  }

  private <T extends ApiMessage> T answer(ApiHandler handler, ApiMessage request, Class<T> type) {
    RecordedContext context = node.context(VERSION);
    handler.handle(context, request);
    Awaitility.await()
        .until(() -> {
          node.loop.runRound();
          return context.isEnded();
        });
    return context.response(type);
  }

  private Errors commit(String name) throws Exception {
    OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setName("read");
    topic.partitions().add(new OffsetCommitRequestPartition().setCommittedOffset(5));
    OffsetCommitResponseData answer =
        new OffsetCommits(shards, node.plane::image, 4_096)
            .commit(
                new OffsetCommitRequestData().setGroupId(name).setTopics(List.of(topic)), (short) 9)
            .get(30, TimeUnit.SECONDS);
    return Errors.forCode(answer.topics().getFirst().partitions().getFirst().errorCode());
  }
}
