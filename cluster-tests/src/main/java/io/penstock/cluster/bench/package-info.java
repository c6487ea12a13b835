/**
 * Load for the scripts in {@code cluster-tests/bench}: programs, not tests; they time and print.
 */
@NullMarked
package io.penstock.cluster.bench;

import org.jspecify.annotations.NullMarked;
