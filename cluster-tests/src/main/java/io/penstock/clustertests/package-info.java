/** Whole clusters of real processes under faults. */
@NullMarked
package io.penstock.clustertests;

import org.jspecify.annotations.NullMarked;
