package io.penstock.storage.log;

import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The file of a segment, open while it is used and, as long as {@link OpenFiles} has room, also
 * between uses. Any thread; the monitor covers only opening and closing.
 */
final class SegmentFile {
  private final LogServices services;

  /** Guarded by the monitor but for messages. */
  private volatile Path path;

  private final AtomicInteger openFiles = new AtomicInteger();
  private volatile @Nullable SharedFile resident;
  private volatile boolean usedSinceAsked;

  /** Guarded by the monitor. */
  private boolean retired;

  SegmentFile(LogServices services, Path path) {
    this.services = services;
    this.path = path;
  }

  /** Work on the open file. */
  interface Use<T> {
    T of(DiskFile file) throws StorageException;
  }

  <T> T use(Use<T> use) throws StorageException {
    SharedFile open = acquire();
    try {
      return use.of(open.file());
    } finally {
      open.release();
    }
  }

  /** Work on the open file that has no answer. */
  interface Task {
    void on(DiskFile file) throws StorageException;
  }

  void run(Task task) throws StorageException {
    SharedFile open = acquire();
    try {
      task.on(open.file());
    } finally {
      open.release();
    }
  }

  /**
   * Makes what was written durable. A force that fails is never one to be tried again, whatever the
   * reason: the kernel forgets pages that it could not write out, and says so once.
   */
  void force() throws StorageException {
    try {
      run(open -> open.force(false));
    } catch (DiskFullException full) {
      throw new StorageException("Written records are lost", path, full.remedy(), full);
    }
  }

  /** The open file with a reference for the caller. */
  SharedFile acquire() throws StorageException {
    if (!usedSinceAsked) {
      usedSinceAsked = true;
    }
    SharedFile open = resident;
    if (open != null && open.tryRetain()) {
      return open;
    }
    return openAndRetain();
  }

  private SharedFile openAndRetain() throws StorageException {
    SharedFile open;
    boolean opened = false;
    synchronized (this) {
      SharedFile known = resident;
      if (known == null && retired) {
        throw new StorageException("Segment was removed", path, "none: look for the log's start");
      }
      opened = known == null;
      open = known == null ? makeResident(services.disk().open(path, OpenMode.READ_WRITE)) : known;
      if (!open.tryRetain()) {
        throw new IllegalStateException("Resident file without a reference: " + path);
      }
    }
    if (opened) {
      // Not under the monitor: room for it may be made by another file, under that one's.
      services.caches().files().admit(this);
    }
    return open;
  }

  private SharedFile makeResident(DiskFile opened) {
    SharedFile shared = new SharedFile(opened, services.closer(), openFiles);
    resident = shared;
    return shared;
  }

  /** Takes over a file that is open already. */
  void adopt(DiskFile opened) {
    synchronized (this) {
      makeResident(opened);
    }
    services.caches().files().admit(this);
  }

  boolean wasUsedSinceAsked() {
    boolean was = usedSinceAsked;
    usedSinceAsked = false;
    return was;
  }

  /** Does not keep the file open any longer; who uses it does. */
  synchronized void letGo() {
    SharedFile open = resident;
    resident = null;
    if (open != null) {
      open.release();
    }
  }

  /** Gives the file another name; who reads it goes on. */
  synchronized void moveTo(Path newPath) throws StorageException {
    services.disk().rename(path, newPath);
    path = newPath;
  }

  /** The path may be another segment's from now on: it is not opened any more. */
  synchronized void retire() {
    retired = true;
  }

  void close() {
    retire();
    services.caches().files().forget(this);
    letGo();
  }

  /** Whether anybody but this object holds the file. */
  synchronized boolean isInUse() {
    SharedFile open = resident;
    return open == null ? openFiles.get() > 0 : openFiles.get() > 1 || open.references() > 1;
  }
}
