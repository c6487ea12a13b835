/**
 * The coordinator of groups. {@code __consumer_offsets} is cut into shards, one for each partition
 * that this node leads: a shard reads its partition when it is given it, then changes its state by
 * events on one thread, appends what they decide, and releases an answer when what it rests on is
 * committed. The rules of groups know nothing of that (see {@code group.effect}).
 */
@NullMarked
package io.penstock.node.group;

import org.jspecify.annotations.NullMarked;
