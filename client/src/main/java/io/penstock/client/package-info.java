/** The wire codec, connections, leader discovery; producer, consumer and admin. */
@NullMarked
package io.penstock.client;

import org.jspecify.annotations.NullMarked;
