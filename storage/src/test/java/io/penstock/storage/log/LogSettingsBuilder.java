package io.penstock.storage.log;

import io.penstock.storage.compact.CompactionSettings;

/** Settings for a test that names only what it is about. Not for two threads. */
public final class LogSettingsBuilder {
  private final LogSettings base;
  private int segmentBytes;
  private int indexBytes;
  private int indexIntervalBytes;
  private long retentionMs;
  private long retentionBytes;
  private long flushMessages;
  private long flushMs;
  private int batchBytesMax;
  private boolean logAppendTime;
  private long timestampAfterMaxMs;
  private long fileDeleteDelayMs;
  private boolean preallocate;
  private boolean compactPolicy;
  private CompactionSettings compaction;
  private long segmentMs;
  private boolean deletePolicy;

  private LogSettingsBuilder(LogSettings base) {
    this.base = base;
    segmentBytes = base.segmentBytes();
    indexBytes = base.indexBytes();
    indexIntervalBytes = base.indexIntervalBytes();
    retentionMs = base.retentionMs();
    retentionBytes = base.retentionBytes();
    flushMessages = base.flushMessages();
    flushMs = base.flushMs();
    batchBytesMax = base.batchBytesMax();
    logAppendTime = base.logAppendTime();
    timestampAfterMaxMs = base.timestampAfterMaxMs();
    fileDeleteDelayMs = base.fileDeleteDelayMs();
    preallocate = base.preallocate();
    compactPolicy = base.compactPolicy();
    compaction = base.compaction();
    segmentMs = base.segmentMs();
    deletePolicy = base.deletePolicy();
  }

  public static LogSettingsBuilder fromDefaults() {
    return from(LogSettings.defaults());
  }

  public static LogSettingsBuilder from(LogSettings base) {
    return new LogSettingsBuilder(base);
  }

  public LogSettingsBuilder segmentBytes(int bytes) {
    segmentBytes = bytes;
    return this;
  }

  /** How large an index may become, and after how many bytes of batches it gets an entry. */
  public LogSettingsBuilder index(int bytes, int intervalBytes) {
    indexBytes = bytes;
    indexIntervalBytes = intervalBytes;
    return this;
  }

  public LogSettingsBuilder retention(long ms, long bytes) {
    retentionMs = ms;
    retentionBytes = bytes;
    return this;
  }

  public LogSettingsBuilder flushMessages(long messages) {
    flushMessages = messages;
    return this;
  }

  public LogSettingsBuilder flushMs(long ms) {
    flushMs = ms;
    return this;
  }

  public LogSettingsBuilder batchBytesMax(int bytes) {
    batchBytesMax = bytes;
    return this;
  }

  public LogSettingsBuilder logAppendTime(boolean on) {
    logAppendTime = on;
    return this;
  }

  public LogSettingsBuilder timestampAfterMaxMs(long ms) {
    timestampAfterMaxMs = ms;
    return this;
  }

  public LogSettingsBuilder fileDeleteDelayMs(long ms) {
    fileDeleteDelayMs = ms;
    return this;
  }

  public LogSettingsBuilder preallocate(boolean on) {
    preallocate = on;
    return this;
  }

  public LogSettingsBuilder compactPolicy(boolean on) {
    compactPolicy = on;
    return this;
  }

  public LogSettingsBuilder deletePolicy(boolean on) {
    deletePolicy = on;
    return this;
  }

  public LogSettingsBuilder segmentMs(long ms) {
    segmentMs = ms;
    return this;
  }

  public LogSettingsBuilder compaction(CompactionSettings how) {
    compaction = how;
    return this;
  }

  public LogSettings build() {
    return new LogSettings(
        segmentBytes,
        segmentMs,
        base.segmentJitterMs(),
        indexBytes,
        indexIntervalBytes,
        retentionMs,
        retentionBytes,
        flushMessages,
        flushMs,
        batchBytesMax,
        logAppendTime,
        base.timestampBeforeMaxMs(),
        timestampAfterMaxMs,
        fileDeleteDelayMs,
        preallocate,
        deletePolicy,
        compactPolicy,
        compaction);
  }
}
