/**
 * Starts and stops the brokers that the tests talk to: processes of the distribution, as a user
 * starts them.
 */
@NullMarked
package io.penstock.cluster.process;

import org.jspecify.annotations.NullMarked;
