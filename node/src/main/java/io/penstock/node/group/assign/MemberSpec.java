package io.penstock.node.group.assign;

import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an assignor knows of a member.
 *
 * @param instanceId of a static member; null of a dynamic one
 * @param rack where the member says it is; null where it does not say
 * @param topics the ids of what it is subscribed to
 * @param target what it was to have by the assignment that is now replaced
 */
public record MemberSpec(
    String memberId,
    @Nullable String instanceId,
    @Nullable String rack,
    Set<UUID> topics,
    MemberTarget target) {

  public MemberSpec {
    topics = Set.copyOf(topics);
  }
}
