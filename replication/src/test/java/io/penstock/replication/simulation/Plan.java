package io.penstock.replication.simulation;

import io.penstock.replication.follower.FollowerSettings;
import io.penstock.replication.isr.IsrSettings;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What a schedule is like, drawn from its seed before it begins.
 *
 * @param faults what may happen in it
 * @param calmMs the longest time between two faults
 * @param imageLatenessUs how late images may reach a node that is slow to learn
 */
record Plan(
    int nodes,
    int partitions,
    int minInSync,
    boolean flushed,
    int durationMs,
    int calmMs,
    int sessionMs,
    int lagMs,
    long imageLatenessUs,
    int batchesPerProducer,
    LogSettings logSettings,
    FollowerSettings followerSettings,
    Set<Fault> faults) {

  private static final int[] CALM_MS = {120, 300, 300, 1_000};
  private static final long PROBE_MS = 100;

  /** Silence ends a membership sooner than lag does, mostly. */
  IsrSettings isrSettings() {
    IsrSettings usual = IsrSettings.withLagTimeMaxMs(lagMs);
    return new IsrSettings(lagMs, usual.settleMs(), lagMs / 4, PROBE_MS, usual.changesMax());
  }

  static Plan of(Random random) {
    boolean flushed = random.nextInt(3) == 0;
    return new Plan(
        3 + (random.nextInt(3) == 0 ? random.nextInt(3) : 0),
        random.nextInt(2) == 0 ? 1 : 1 + random.nextInt(4),
        random.nextInt(2) == 0 ? 2 : 1 + random.nextInt(3),
        flushed,
        2_500 + random.nextInt(4_000),
        CALM_MS[random.nextInt(CALM_MS.length)],
        800 + random.nextInt(900),
        400 + random.nextInt(1_500),
        random.nextInt(2) == 0 ? 0 : (50 + random.nextInt(900)) * SimTime.MS,
        5 + random.nextInt(25),
        log(random, flushed),
        follower(random),
        faults(random, flushed));
  }

  private static LogSettings log(Random random, boolean flushed) {
    return LogSettingsBuilder.fromDefaults()
        .segmentBytes(random.nextBoolean() ? 1_500 + random.nextInt(4_000) : 1 << 20)
        .index(1 << 10, 200 + random.nextInt(2_000))
        .retention(-1, -1)
        .timestampAfterMaxMs(Long.MAX_VALUE)
        .fileDeleteDelayMs(random.nextInt(500))
        .preallocate(false)
        .flushMessages(flushed ? 1 : Long.MAX_VALUE)
        .flushMs(random.nextBoolean() ? 300 : Long.MAX_VALUE)
        .build();
  }

  private static FollowerSettings follower(Random random) {
    int partitionBytes = random.nextBoolean() ? 2_500 : 400 + random.nextInt(2_000);
    long rate = random.nextInt(4) == 0 ? 20_000 : Long.MAX_VALUE;
    return new FollowerSettings(
        500, 3 * partitionBytes, partitionBytes, 10, 100 + random.nextInt(300), rate);
  }

  /**
   * Sometimes all kinds of faults, often dangerous ones that follow each other, sometimes a few.
   */
  private static Set<Fault> faults(Random random, boolean flushed) {
    List<Fault> all = random.nextBoolean() ? Fault.DANGEROUS : List.of(Fault.values());
    if (random.nextInt(4) == 0) {
      return EnumSet.copyOf(all);
    }
    Set<Fault> some = EnumSet.noneOf(Fault.class);
    if (flushed) {
      some.add(Fault.POWER_CUT); // what flushing is for
    }
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      some.add(all.get(random.nextInt(all.size())));
    }
    return some;
  }
}
