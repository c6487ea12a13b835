package io.penstock.storage.log;

/**
 * The threads of one data directory for what must not run under a partition's lock. Tasks of one
 * lane run one after another (but for {@link #sync}); a lane does not wait for the others, so that
 * an fsync does not keep the next segment from being made. A task that fails takes the directory
 * offline, unless its disk was merely full.
 */
public interface BackgroundWork {

  /** Makes space that an append is going to need: short, and soon. */
  void prepare(StorageTask task);

  /**
   * Makes durable what acks wait for, and nothing else. Tasks of this lane run side by side, for
   * different logs: a file system commits the fsyncs of several files together.
   */
  void sync(StorageTask task);

  /** Makes data durable: seals segments, forces files, writes snapshots; may take long. */
  void flush(StorageTask task);

  /** Gives space back, after a delay; may take long. */
  void delete(long delayMs, StorageTask task);
}
