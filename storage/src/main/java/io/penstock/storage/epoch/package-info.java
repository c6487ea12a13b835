/**
 * Which leader epoch began at which offset of a log: what replicas compare to find where they
 * diverged (KIP-101, KIP-279).
 */
@NullMarked
package io.penstock.storage.epoch;

import org.jspecify.annotations.NullMarked;
