/**
 * The data directories of a node. {@link io.penstock.storage.dir.LogDirectories} locks them, opens
 * and recovers the logs in them, creates and deletes logs, and keeps their checkpoints; the small
 * files have Kafka's names and formats, so that a data directory of either can be taken over by the
 * other. A directory that fails takes its own logs offline and nothing else.
 */
@NullMarked
package io.penstock.storage.dir;

import org.jspecify.annotations.NullMarked;
