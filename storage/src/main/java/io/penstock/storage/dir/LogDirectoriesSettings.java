package io.penstock.storage.dir;

import io.penstock.storage.compact.CleanerSettings;
import java.util.function.LongSupplier;

/**
 * How the data directories of a node are looked after.
 *
 * @param recoveryThreads threads for each directory that open and recover its logs
 * @param retentionCheckMs how often old segments are looked for
 * @param checkpointMs how often recovery points, log start offsets and high watermarks are written
 * @param brokerEpoch what the clean-shutdown mark says of the broker that left it; asked for when
 *     the directories are closed
 * @param cleaner how compacted logs are cleaned
 */
public record LogDirectoriesSettings(
    int recoveryThreads,
    long retentionCheckMs,
    long checkpointMs,
    LongSupplier brokerEpoch,
    CleanerSettings cleaner) {

  public static LogDirectoriesSettings defaults() {
    return new LogDirectoriesSettings(4, 300_000, 60_000, () -> -1, CleanerSettings.defaults());
  }
}
