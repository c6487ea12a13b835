package io.penstock.storage.log;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;

/** What logs count and time, together for all logs of a node. */
public record LogMetrics(
    Timer flushTime,
    Timer groupFlushTime,
    Timer recoveryTime,
    Counter recoveredBytes,
    Counter rolls,
    Counter unpreparedRolls,
    Counter deletedSegments,
    Counter repairs) {

  public static LogMetrics in(MetricRegistry registry) {
    return new LogMetrics(
        registry.timer("penstock.log.flush.time"),
        registry.timer("penstock.log.group-flush.time"),
        registry.timer("penstock.log.recovery.time"),
        registry.counter("penstock.log.recovery.bytes"),
        registry.counter("penstock.log.rolls"),
        registry.counter("penstock.log.rolls.unprepared"),
        registry.counter("penstock.log.segments.deleted"),
        registry.counter("penstock.log.repairs"));
  }
}
