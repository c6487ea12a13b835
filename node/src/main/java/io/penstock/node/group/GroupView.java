package io.penstock.node.group;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One group as its coordinator sees it at one moment. Immutable.
 *
 * @param members by their ids
 * @param positions what the group has committed and what its members have, by topic and partition;
 *     the offset is {@link #NO_OFFSET} where nothing was committed
 * @param positionsLeftOut how many there are besides
 */
public record GroupView(
    Summary summary,
    Map<String, Member> members,
    List<GroupPosition> positions,
    int positionsLeftOut) {

  /** Of a partition that a member has and of which nothing was committed. */
  public static final long NO_OFFSET = -1;

  public GroupView {
    members = Map.copyOf(members);
    positions = List.copyOf(positions);
  }

  /**
   * What a list of groups says of each.
   *
   * @param protocolType such as {@code consumer}; empty where no member has said it, and of a name
   *     under which there are only offsets
   */
  public record Summary(String groupId, String type, String protocolType, String state) {}

  /** Who takes part. */
  public record Member(@Nullable String instanceId, String clientId, String clientHost) {}
}
