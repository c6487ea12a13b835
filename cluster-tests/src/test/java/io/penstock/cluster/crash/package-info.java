/**
 * Brokers that are killed in the middle of their work, and what must be true after each restart.
 */
@NullMarked
package io.penstock.cluster.crash;

import org.jspecify.annotations.NullMarked;
