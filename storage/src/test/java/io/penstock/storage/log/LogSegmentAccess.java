package io.penstock.storage.log;

import io.penstock.storage.index.AbortedTransaction;
import io.penstock.storage.io.StorageException;
import java.lang.reflect.Field;

/** Reaches for what no caller of a log may: the state behind it. */
final class LogSegmentAccess {
  private LogSegmentAccess() {}

  static LogState state(PartitionLog log) {
    return (LogState) field(log, "state");
  }

  static LogTrimmer trimmer(PartitionLog log) {
    return (LogTrimmer) field(log, "trimmer");
  }

  private static Object field(PartitionLog log, String name) {
    try {
      Field field = PartitionLog.class.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(log);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the log has no " + name, e);
    }
  }

  static void appendAborted(PartitionLog log, long producerId, long first, long last)
      throws StorageException {
    state(log)
        .segments
        .get()
        .first()
        .indexes()
        .appendAborted(new AbortedTransaction(producerId, first, last, last + 1));
  }

  static void forgetProducers(PartitionLog log) {
    state(log)
        .withProducers(producers -> {
          producers.clear();
          return producers;
        });
  }
}
