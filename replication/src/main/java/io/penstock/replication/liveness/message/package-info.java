/**
 * What brokers and the leader of {@code leadership} say to each other about who lives, and its
 * bytes. Each body begins with the number of its layout; what cannot be read is refused as a whole.
 */
@NullMarked
package io.penstock.replication.liveness.message;

import org.jspecify.annotations.NullMarked;
