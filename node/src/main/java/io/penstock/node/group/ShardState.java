package io.penstock.node.group;

import io.penstock.node.group.offset.OffsetTable;

/**
 * What a shard has read and decided: its groups and its offsets. Its loader fills it, then its
 * thread alone reads and changes it.
 */
record ShardState(ShardGroups groups, OffsetTable offsets) {

  static ShardState empty() {
    OffsetTable offsets = new OffsetTable();
    return new ShardState(new ShardGroups(offsets), offsets);
  }

  ShardSize size() {
    return new ShardSize(groups.all().size(), offsets.count(), groups.bytes() + offsets.bytes());
  }
}
