package io.penstock.node.group.assign;

import java.util.Map;

/**
 * Divides the partitions of topics among the members that are subscribed to them: each partition of
 * a subscribed topic goes to exactly one of its subscribers. Stateless; equal groups get equal
 * answers.
 */
public interface ServerAssignor {

  /** What a member calls it by in its heartbeat. */
  String name();

  /**
   * What each member of the group shall have.
   *
   * @return a target for every member of the group, empty for one that gets nothing
   */
  Map<String, MemberTarget> assign(GroupSpec group);
}
