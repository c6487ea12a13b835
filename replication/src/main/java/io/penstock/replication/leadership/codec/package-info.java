/**
 * The stored form of the {@code leadership} group: commands in the log, images in snapshots. Both
 * carry a version; what this version cannot read stops the node.
 */
@NullMarked
package io.penstock.replication.leadership.codec;

import org.jspecify.annotations.NullMarked;
