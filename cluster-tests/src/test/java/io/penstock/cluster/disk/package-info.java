/** Disks that fill up under a running broker. */
@NullMarked
package io.penstock.cluster.disk;

import org.jspecify.annotations.NullMarked;
