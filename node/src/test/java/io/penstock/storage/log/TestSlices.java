package io.penstock.storage.log;

import io.penstock.storage.io.DiskFile;
import java.util.concurrent.atomic.AtomicInteger;

/** Slices of files that are not logs, for tests of what sends them. */
public final class TestSlices {

  private final SharedFile shared;

  public TestSlices(DiskFile file) {
    this.shared = new SharedFile(file, Runnable::run, new AtomicInteger());
  }

  /** A slice with a reference of its own. */
  public LogSlice slice(long position, int size, boolean recentlyAppended) {
    if (!shared.tryRetain()) {
      throw new IllegalStateException("closed");
    }
    return new LogSlice(shared, position, size, 1, recentlyAppended);
  }

  /** References besides the one that this object keeps. */
  public int references() {
    return shared.references() - 1;
  }
}
