/** The log of one partition on one disk, and the disks of a node. */
@NullMarked
package io.penstock.storage;

import org.jspecify.annotations.NullMarked;
