package io.penstock.node.api.fetch;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.PartitionLookup;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What every fetch works with, and what is counted of it.
 *
 * @param records about so many, see {@link io.penstock.storage.log.LogSlice#records}
 */
record FetchServices(
    PartitionLookup partitions,
    FetchSessions sessions,
    Residency residency,
    Executor blocking,
    LongSupplier clock,
    Counter parked,
    Meter bytes,
    Meter records) {

  static FetchServices of(
      PartitionLookup partitions,
      FetchSessions sessions,
      Residency residency,
      Executor blocking,
      LongSupplier clock,
      MetricRegistry metrics) {
    return new FetchServices(
        partitions,
        sessions,
        residency,
        blocking,
        clock,
        metrics.counter("penstock.fetch.parked"),
        metrics.meter("penstock.fetch.bytes"),
        metrics.meter("penstock.fetch.records"));
  }
}
