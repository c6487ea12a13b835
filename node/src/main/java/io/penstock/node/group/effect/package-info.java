/**
 * Where the rules of groups and their shell meet: {@link io.penstock.node.group.effect.Group} is
 * one group, changed by its shard's thread alone; what an event asks of the outside world goes into
 * {@link io.penstock.node.group.effect.Effects}, a record to append and answers to send, which the
 * shard carries out. Nothing in here knows a clock, a thread or a log.
 */
@NullMarked
package io.penstock.node.group.effect;

import org.jspecify.annotations.NullMarked;
