/**
 * Groups under faults: the node that coordinates them is killed, and nothing that they were told is
 * committed may be lost or move back.
 */
@NullMarked
package io.penstock.cluster.group;

import org.jspecify.annotations.NullMarked;
