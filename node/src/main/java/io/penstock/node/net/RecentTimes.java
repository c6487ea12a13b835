package io.penstock.node.net;

import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.UniformSnapshot;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;

/**
 * The times of recent requests, for their percentiles, at the cost of one atomic increment a time:
 * Dropwizard's decaying reservoir takes an entry in a skip list and a logarithm, on every request.
 * Times are counted in buckets an eighth of a power of two wide, so that a percentile is at most 13
 * % off. A snapshot covers the last window and the part of this one that has passed, or all since
 * the snapshot before where nobody has asked for so long. Any thread.
 */
final class RecentTimes implements Reservoir {

  private static final int STEPS_BITS = 3;
  private static final int STEPS = 1 << STEPS_BITS;
  private static final int BUCKETS = (Long.SIZE - STEPS_BITS) * STEPS;

  /** Values that stand for all in a snapshot; enough for the 99.9th percentile. */
  private static final int SAMPLES_MAX = 2_000;

  private final long windowNs;
  private final LongSupplier nanoClock;
  private volatile AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);
  private AtomicIntegerArray before = new AtomicIntegerArray(BUCKETS);
  private long windowSinceNs;

  RecentTimes(long windowNs, LongSupplier nanoClock) {
    this.windowNs = windowNs;
    this.nanoClock = nanoClock;
    this.windowSinceNs = nanoClock.getAsLong();
  }

  @Override
  public void update(long value) {
    counts.getAndIncrement(bucketOf(value));
  }

  @Override
  public int size() {
    return getSnapshot().size();
  }

  @Override
  public synchronized Snapshot getSnapshot() {
    AtomicIntegerArray current = counts;
    AtomicIntegerArray last = before;
    long nowNs = nanoClock.getAsLong();
    if (nowNs - windowSinceNs >= windowNs) {
      windowSinceNs = nowNs;
      before = current;
      counts = new AtomicIntegerArray(BUCKETS);
    }
    return new UniformSnapshot(samples(current, last));
  }

  /** Values in the proportions of the counts; all of them where they are few. */
  private static long[] samples(AtomicIntegerArray current, AtomicIntegerArray last) {
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += current.get(i) + (long) last.get(i);
    }
    int size = (int) Math.min(total, SAMPLES_MAX);
    long[] samples = new long[size];
    int bucket = -1;
    long passed = 0;
    for (int i = 0; i < size; i++) {
      long rank = i == size - 1 ? total - 1 : i * total / size;
      while (passed <= rank && bucket < BUCKETS - 1) {
        bucket++;
        passed += current.get(bucket) + (long) last.get(bucket);
      }
      samples[i] = middleOf(bucket);
    }
    return samples;
  }

  static int bucketOf(long value) {
    if (value < STEPS) {
      return (int) Math.max(0, value);
    }
    int shift = Long.SIZE - 1 - STEPS_BITS - Long.numberOfLeadingZeros(value);
    return (shift << STEPS_BITS) + (int) (value >>> shift);
  }

  private static long middleOf(int bucket) {
    if (bucket < 2 * STEPS) {
      return bucket;
    }
    int shift = (bucket >>> STEPS_BITS) - 1;
    long lowest = (long) (bucket - (shift << STEPS_BITS)) << shift;
    return lowest + (1L << shift >> 1);
  }
}
