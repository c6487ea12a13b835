/**
 * Real clients against the broker: kafka-clients of two versions, kcat and kafkajs. What a client
 * sends must come back the same, through every codec and way of positioning it has.
 */
@NullMarked
package io.penstock.cluster.clients;

import org.jspecify.annotations.NullMarked;
