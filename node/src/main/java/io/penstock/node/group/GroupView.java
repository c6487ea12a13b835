package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.MemberName;
import java.util.List;
import java.util.Map;

/**
 * One group as its coordinator sees it at one moment. Immutable.
 *
 * @param members by their ids
 * @param positions what the group has committed and what its members have, in no order
 * @param positionsLeftOut how many there are besides, any of them
 */
public record GroupView(
    Summary summary,
    Map<String, MemberName> members,
    List<GroupPosition> positions,
    int positionsLeftOut) {

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
  public record Summary(String groupId, String type, String protocolType, String state) {

    /** What a group says of itself. */
    static Summary of(Group group) {
      return new Summary(group.id(), group.type(), group.protocolType(), group.state());
    }

    /** A name under which only offsets are committed counts as a classic group without members. */
    public static Summary ofOffsetsOnly(String groupId) {
      return new Summary(groupId, "classic", "", "Empty");
    }
  }
}
