/**
 * Who of a group of the consumer protocol is to have which partitions. A {@link
 * io.penstock.node.group.assign.ServerAssignor} is a function from who is subscribed to what, and
 * who has what now, to who shall have what: the same for the same group whatever the order of its
 * members, without a clock, randomness or threads.
 */
@NullMarked
package io.penstock.node.group.assign;

import org.jspecify.annotations.NullMarked;
