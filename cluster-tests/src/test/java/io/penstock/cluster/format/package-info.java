/**
 * Kafka's files, byte for byte: its tools read our directories, and we open those of its broker.
 */
@NullMarked
package io.penstock.cluster.format;

import org.jspecify.annotations.NullMarked;
