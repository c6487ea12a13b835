package io.penstock.node.group.effect;

import org.jspecify.annotations.Nullable;

/**
 * By what an operator knows a member.
 *
 * @param instanceId of a static member; null of a dynamic one
 */
public record MemberName(@Nullable String instanceId, String clientId, String clientHost) {}
