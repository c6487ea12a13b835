/** Who leads, what is committed, what the cluster looks like. */
@NullMarked
package io.penstock.replication;

import org.jspecify.annotations.NullMarked;
