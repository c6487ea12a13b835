package io.penstock.storage.log;

import io.penstock.storage.io.DiskFile;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file that several parties hold: the segment, and every slice of it. The last one to let
 * go has it closed, on a background thread, since the close of an unlinked file frees its blocks.
 */
final class SharedFile {
  private final DiskFile file;
  private final Executor closer;
  private final AtomicInteger openFiles;
  private final AtomicInteger references = new AtomicInteger(1);

  /**
   * @param openFiles counts the files that somebody holds open; raised now, lowered in the end
   */
  SharedFile(DiskFile file, Executor closer, AtomicInteger openFiles) {
    this.file = file;
    this.closer = closer;
    this.openFiles = openFiles;
    openFiles.incrementAndGet();
  }

  DiskFile file() {
    return file;
  }

  int references() {
    return references.get();
  }

  /** False when the file has been closed, or is about to be. */
  boolean tryRetain() {
    for (; ; ) {
      int count = references.get();
      if (count == 0) {
        return false;
      }
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  void release() {
    int left = references.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("Released more often than retained: " + file.path());
    }
    if (left == 0) {
      openFiles.decrementAndGet();
      closer.execute(() -> QuietClose.close(file));
    }
  }
}
