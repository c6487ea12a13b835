/**
 * Keeps event loops from waiting for disks. A range that is not in memory would block whoever sends
 * it, so {@link io.penstock.node.cold.ColdReads} has its own threads bring it in first. {@link
 * io.penstock.node.cold.ScanTracker} recognizes readers that go through a file from front to back:
 * they are read ahead of, and what they passed is dropped if nobody comes after them.
 */
@NullMarked
package io.penstock.node.cold;

import org.jspecify.annotations.NullMarked;
