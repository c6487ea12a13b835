/**
 * The requests about records: {@link io.penstock.node.api.data.ProduceHandler} appends on the event
 * loop, with what must wait parked in {@code ParkedProduce}; the others answer from what partitions
 * publish, and what has to look into files for that runs on threads of its own. Fetch is a package
 * to itself, {@code node.api.fetch}. Here is deliberately no transaction coordinator.
 */
@NullMarked
package io.penstock.node.api.data;

import org.jspecify.annotations.NullMarked;
