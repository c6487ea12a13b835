package io.penstock.node.group;

/**
 * How much a shard holds.
 *
 * @param bytes about what that takes of the heap
 */
record ShardSize(int groups, int offsets, long bytes) {

  static final ShardSize NOTHING = new ShardSize(0, 0, 0);
}
