/**
 * Committed offsets, as values and as the table of one shard. Pure: it knows no clock, no thread
 * and no log.
 */
@NullMarked
package io.penstock.node.group.offset;

import org.jspecify.annotations.NullMarked;
