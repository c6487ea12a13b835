package io.penstock.node.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.node.admin.http.Body;
import io.penstock.node.group.GroupPosition;
import io.penstock.node.group.GroupView;
import io.penstock.node.group.GroupView.Summary;
import io.penstock.node.group.effect.MemberName;
import io.penstock.node.group.lag.LagTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** A group as JSON, of which nothing is known but what it says itself. */
class GroupDocumentTest {

  /** What one step may add to a piece that is all but full. */
  private static final int STEP_BYTES_MAX = 1_000;

  private final Map<String, MemberName> members = new HashMap<>();
  private final List<GroupPosition> positions = new ArrayList<>();

  @Test
  void aGroupOfManyMembersIsWrittenAsFarAsItIsSent() throws IOException {
    for (int i = 0; i < 5_000; i++) {
      members.put("member-" + i, new MemberName(null, "c".repeat(200), "/127.0.0.1"));
    }
    Body body = document().page().body();

    int pieces = 0;
    for (byte[] piece = body.next(); piece.length > 0; piece = body.next()) {
      int bytes = piece.length;
      assertTrue(bytes < Body.PIECE_BYTES + STEP_BYTES_MAX, () -> bytes + " bytes at once");
      pieces++;
    }

    assertTrue(pieces > 5_000 * 200 / Body.PIECE_BYTES, pieces + " pieces");
  }

  @Test
  void membersAndPartitionsAreInOrderWhateverTheOrderTheyWereFoundIn() throws IOException {
    members.put("b", new MemberName("instance", "second", "/127.0.0.2"));
    members.put("a", new MemberName(null, "first", "/127.0.0.1"));
    position("z", 0, "a");
    position("y", 10, "b");
    position("y", 9, "b");

    JsonNode group = read();

    assertEquals(List.of("a", "b"), each(group.get("members"), it -> it.get("memberId").asText()));
    assertEquals("instance", group.get("members").get(1).get("instanceId").asText());
    assertEquals(
        List.of("y-9 second", "y-10 second", "z-0 first"),
        each(
            group.get("partitions"),
            it ->
                it.get("topic").asText()
                    + "-"
                    + it.get("partition").asText()
                    + " "
                    + it.get("clientId").asText()));
    assertEquals(3, group.get("partitionsLeftOut").asInt());
  }

  @Test
  void aGroupOfNobodyAndNothingIsADocumentToo() throws IOException {
    JsonNode group = read();

    assertEquals("g", group.get("groupId").asText());
    assertEquals(0, group.get("members").size());
    assertEquals(0, group.get("partitions").size());
  }

  private void position(String topic, int partition, String memberId) {
    positions.add(new GroupPosition("g", topic, null, partition, 5, memberId));
  }

  private GroupDocument document() {
    GroupView view = new GroupView(Summary.ofOffsetsOnly("g"), members, positions, 3);
    return new GroupDocument(1, view, LagTable.EMPTY);
  }

  private JsonNode read() throws IOException {
    Body body = document().page().body();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece = body.next(); piece.length > 0; piece = body.next()) {
      all.write(piece);
    }
    return new ObjectMapper().readTree(all.toByteArray());
  }

  private static List<String> each(JsonNode array, Function<JsonNode, String> told) {
    return StreamSupport.stream(array.spliterator(), false).map(told).toList();
  }
}
