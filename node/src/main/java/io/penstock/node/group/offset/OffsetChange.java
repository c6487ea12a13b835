package io.penstock.node.group.offset;

import org.jspecify.annotations.Nullable;

/**
 * What a group has committed for a partition from here on.
 *
 * @param committed null where there is nothing any more
 */
public record OffsetChange(
    String groupId, String topic, int partition, @Nullable CommittedOffset committed) {}
