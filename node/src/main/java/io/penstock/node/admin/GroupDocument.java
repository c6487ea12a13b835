package io.penstock.node.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.node.admin.http.Page;
import io.penstock.node.group.GroupPosition;
import io.penstock.node.group.GroupView;
import io.penstock.node.group.GroupView.Summary;
import io.penstock.node.group.effect.MemberName;
import io.penstock.node.group.lag.LagTable;
import io.penstock.node.group.lag.PartitionLag;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One group as JSON: who takes part, and where each partition is. Offsets are those of this moment;
 * where partitions end, and since when, is what was found when lags were last looked at, and says
 * when that was. What is not known is null.
 */
final class GroupDocument {

  private static final int MILLIS = 3;

  private static final Comparator<GroupPosition> ORDER =
      Comparator.comparing(GroupPosition::topic).thenComparingInt(GroupPosition::partition);

  private final int nodeId;
  private final GroupView group;
  private final LagTable lags;

  GroupDocument(int nodeId, GroupView group, LagTable lags) {
    this.nodeId = nodeId;
    this.group = group;
    this.lags = lags;
  }

  /** Records and milliseconds behind, where they are known of anything. */
  private static final class Sum {
    private long records = PartitionLag.UNKNOWN;
    private long ms = PartitionLag.UNKNOWN;

    private void add(@Nullable PartitionLag lag) {
      if (lag != null && lag.records() >= 0) {
        records = Math.max(0, records) + lag.records();
        ms = Math.max(ms, lag.ms());
      }
    }
  }

  /** Puts members and positions in order and sums up, which takes time where there are many. */
  Page page() {
    Sum all = new Sum();
    Map<String, Sum> ofMembers = new HashMap<>();
    for (GroupPosition each : group.positions()) {
      PartitionLag lag = lag(each);
      all.add(lag);
      String memberId = each.memberId();
      if (memberId != null) {
        ofMembers.computeIfAbsent(memberId, _ -> new Sum()).add(lag);
      }
    }
    Stream<JsonStep> members =
        new TreeMap<>(group.members())
            .entrySet().stream()
                .map(each ->
                    json -> member(json, each, ofMembers.getOrDefault(each.getKey(), new Sum())));
    List<GroupPosition> inOrder = group.positions().stream().sorted(ORDER).toList();
    Stream<JsonStep> partitions = inOrder.stream().map(each -> json -> partition(json, each));
    return JsonPages.stepwise(
        json -> begin(json, all),
        Stream.concat(Stream.concat(members, Stream.of(this::endMembers)), partitions).iterator(),
        GroupDocument::end);
  }

  static void writeSummary(JsonGenerator json, Summary group) throws IOException {
    json.writeStringField("groupId", group.groupId());
    json.writeStringField("type", group.type());
    json.writeStringField("protocolType", group.protocolType());
    json.writeStringField("state", group.state());
  }

  private void begin(JsonGenerator json, Sum all) throws IOException {
    json.writeStartObject();
    writeSummary(json, group.summary());
    json.writeNumberField("coordinator", nodeId);
    write(json, all);
    json.writeArrayFieldStart("members");
  }

  private void endMembers(JsonGenerator json) throws IOException {
    json.writeEndArray();
    json.writeNumberField("partitionsLeftOut", group.positionsLeftOut());
    json.writeArrayFieldStart("partitions");
  }

  private static void member(JsonGenerator json, Map.Entry<String, MemberName> member, Sum lag)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("memberId", member.getKey());
    json.writeStringField("instanceId", member.getValue().instanceId());
    json.writeStringField("clientId", member.getValue().clientId());
    json.writeStringField("clientHost", member.getValue().clientHost());
    write(json, lag);
    json.writeEndObject();
  }

  private void partition(JsonGenerator json, GroupPosition position) throws IOException {
    PartitionLag lag = lag(position);
    Sum ofPartition = new Sum();
    ofPartition.add(lag);
    MemberName member =
        position.memberId() == null ? null : group.members().get(position.memberId());
    json.writeStartObject();
    json.writeStringField("topic", position.topic());
    json.writeNumberField("partition", position.partition());
    number(json, "committedOffset", position.offset());
    number(json, "endOffset", lag == null ? PartitionLag.UNKNOWN : lag.endOffset());
    write(json, ofPartition);
    json.writeStringField(
        "checkedAt", lag == null ? null : Instant.ofEpochMilli(lag.seenMs()).toString());
    json.writeStringField("memberId", position.memberId());
    json.writeStringField("clientId", member == null ? null : member.clientId());
    json.writeEndObject();
  }

  private static void end(JsonGenerator json) throws IOException {
    json.writeEndArray();
    json.writeEndObject();
  }

  /** How far the group is behind there by the offset that it has committed by now, or null. */
  private @Nullable PartitionLag lag(GroupPosition position) {
    if (position.offset() < 0) {
      return null;
    }
    PartitionLag found =
        lags.find(group.summary().groupId(), position.topic(), position.partition());
    // Of an earlier topic of that name nothing is known any more.
    boolean same =
        found != null
            && (found.position().topicId() == null || position.isOf(found.position().topicId()));
    return found == null || !same ? null : found.at(position);
  }

  private static void write(JsonGenerator json, Sum lag) throws IOException {
    number(json, "lagRecords", lag.records);
    json.writeFieldName("lagSeconds");
    if (lag.ms < 0) {
      json.writeNull();
    } else {
      json.writeNumber(BigDecimal.valueOf(lag.ms, MILLIS));
    }
  }

  private static void number(JsonGenerator json, String name, long value) throws IOException {
    if (value < 0) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, value);
    }
  }
}
