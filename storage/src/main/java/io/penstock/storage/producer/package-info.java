/**
 * What a partition remembers of its producers, so that a batch sent twice is stored once and a gap
 * is noticed: {@link io.penstock.storage.producer.ProducerStates} holds Kafka's rules, {@link
 * io.penstock.storage.producer.ProducerSnapshot} its {@code .snapshot} file.
 */
@NullMarked
package io.penstock.storage.producer;

import org.jspecify.annotations.NullMarked;
