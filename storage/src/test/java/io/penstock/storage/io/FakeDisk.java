package io.penstock.storage.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory that fails on demand and forgets like a real one. What was not forced is
 * lost by {@link #crash}, in whole, as a prefix or by single sectors; names that were not synced
 * may vanish or come back. One seed decides everything. Any thread: one lock.
 */
public final class FakeDisk implements Disk {
  /** What a crash leaves of bytes that were written but not forced. */
  public enum Tearing {
    /** Nothing: the file is as it was last forced. */
    LOSE_ALL,
    /** A random prefix of each file's unforced bytes. */
    KEEP_PREFIX,
    /** Each 512-byte sector on its own. */
    KEEP_RANDOM_SECTORS,
    /** Everything: the process died, the machine did not. */
    KEEP_ALL
  }

  private final Random random;

  /** What happens at a moment of the test's choice. */
  public interface Event {
    void happen() throws StorageException;
  }

  private @Nullable Event atDirectorySync;

  /** The names as a running process sees them; directories have no content. */
  private final TreeMap<Path, FakeContent> names = new TreeMap<>();

  /** The names as the disk has them: what is found after a crash. */
  private TreeMap<Path, FakeContent> syncedNames = new TreeMap<>();

  private final Set<Path> forced = new LinkedHashSet<>();

  private long capacityBytes = Long.MAX_VALUE;
  private long operations;
  private long failAtOperation = Long.MAX_VALUE;
  private int failErrno = Errno.EIO;
  private @Nullable Path failUnder;
  private int life;

  /** While it is set, fsyncs of files do not begin; not under the lock. */
  private volatile @Nullable CountDownLatch syncGate;

  public FakeDisk(long seed) {
    this.random = new Random(seed);
  }

  /** From now on the disk has room for so many bytes in all files; what is more gets ENOSPC. */
  public synchronized void limitCapacity(long bytes) {
    capacityBytes = bytes;
  }

  /** Bytes that all files occupy now: written or allocated, without holes. */
  public synchronized long usedBytes() {
    return names.values().stream().distinct().mapToLong(FakeContent::backed).sum();
  }

  /** The k-th writing operation from now (0: the next) and all later ones fail with EIO. */
  public synchronized void failWritesFrom(long k) {
    failUnder = null;
    failAtOperation = operations + k;
  }

  /** The next writing operation and all later ones fail with ENOSPC, fsyncs too. */
  public synchronized void failSyncsForWantOfRoom() {
    refuseWritesFrom(0);
  }

  /** The k-th writing operation from now and all later ones fail for want of room: names too. */
  public synchronized void refuseWritesFrom(long k) {
    failWritesFrom(k);
    failErrno = Errno.ENOSPC;
  }

  /** Every operation on a path below fails with EIO from now: this disk has died. */
  public synchronized void failUnder(Path directory) {
    failUnder = directory;
  }

  /** From now on whoever forces a file waits, until {@link #letSyncsPass}. */
  public void holdSyncs() {
    syncGate = new CountDownLatch(1);
  }

  public void letSyncsPass() {
    @Nullable CountDownLatch gate = syncGate;
    syncGate = null;
    if (gate != null) {
      gate.countDown();
    }
  }

  void passSyncGate() {
    @Nullable CountDownLatch gate = syncGate;
    if (gate == null) {
      return;
    }
    try {
      gate.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** The kernel writes back what it likes of the files in a directory, without being asked. */
  public synchronized void writeBack(Path directory, Random random) {
    Path path = directory.toAbsolutePath().normalize();
    names.forEach((name, content) -> {
      if (isChild(name, path) && !content.isDirectory() && random.nextBoolean()) {
        content.force();
      }
    });
  }

  /** The files that were forced since this was last asked. */
  public synchronized List<Path> takeForced() {
    List<Path> taken = List.copyOf(forced);
    forced.clear();
    return taken;
  }

  /** Called by files, under this disk's lock. */
  void noteForced(Path path) {
    forced.add(path);
  }

  public synchronized void healWrites() {
    failAtOperation = Long.MAX_VALUE;
    failErrno = Errno.EIO;
    failUnder = null;
    capacityBytes = Long.MAX_VALUE;
  }

  /** Writing operations so far, to place faults. */
  public synchronized long operations() {
    return operations;
  }

  /** Damages one byte, durably. */
  public synchronized void flipByte(Path path, long position) throws StorageException {
    content(path, "flip").flip((int) position);
  }

  /**
   * The machine loses power: open files are dead, and what comes back is what had been forced, plus
   * what {@code tearing} lets survive. Names: each change that was not synced happened or not.
   */
  public synchronized void crash(Tearing tearing) {
    life++;
    TreeMap<Path, FakeContent> after = new TreeMap<>(syncedNames);
    if (tearing == Tearing.KEEP_ALL) {
      after = new TreeMap<>(names);
    } else if (tearing != Tearing.LOSE_ALL) {
      surviveSomeNames(after);
      keepRenamed(after);
    }
    for (FakeContent content : new LinkedHashSet<>(after.values())) {
      content.crash(tearing, random);
    }
    names.clear();
    names.putAll(after);
    names.keySet().removeIf(path -> !hasParents(path));
    syncedNames = new TreeMap<>(names);
  }

  private void surviveSomeNames(Map<Path, FakeContent> after) {
    Set<Path> changed = new HashSet<>(names.keySet());
    changed.addAll(syncedNames.keySet());
    for (Path path : changed.stream().sorted().toList()) {
      if (random.nextBoolean()) {
        continue;
      }
      @Nullable FakeContent now = names.get(path);
      if (now == null) {
        after.remove(path);
      } else {
        after.put(path, now);
      }
    }
  }

  /** A rename happened or not, but never took the file's both names: journals see to that. */
  private void keepRenamed(Map<Path, FakeContent> after) {
    Set<FakeContent> left = Collections.newSetFromMap(new IdentityHashMap<>());
    left.addAll(after.values());
    Set<FakeContent> now = Collections.newSetFromMap(new IdentityHashMap<>());
    now.addAll(names.values());
    syncedNames.forEach((path, content) -> {
      if (!content.isDirectory() && now.contains(content) && !left.contains(content)) {
        after.putIfAbsent(path, content);
      }
    });
  }

  private boolean hasParents(Path path) {
    @Nullable Path parent = path.getParent();
    return parent == null || parent.getParent() == null || names.containsKey(parent);
  }

  int life() {
    return life;
  }

  /** Called by files, under this disk's lock, before each change. */
  void beforeWrite(String what, Path path, int fileLife) throws StorageException {
    beforeRead(what, path, fileLife);
    if (operations++ >= failAtOperation) {
      throw Errno.exception(what, path, failErrno);
    }
  }

  void beforeRead(String what, Path path, int fileLife) throws StorageException {
    if (fileLife != life) {
      throw new StorageException("file of a crashed process", path, "open it again");
    }
    if (failUnder != null && path.startsWith(failUnder)) {
      throw Errno.exception(what, path, Errno.EIO);
    }
  }

  /** How many of the bytes wanted there is room for. */
  long roomFor(long bytes) {
    return Math.clamp(capacityBytes - usedBytes(), 0, bytes);
  }

  @Override
  public synchronized DiskFile open(Path name, OpenMode mode) throws StorageException {
    Path path = name.toAbsolutePath().normalize();
    beforeRead("open", path, life);
    @Nullable FakeContent content = names.get(path);
    if (content == null && mode == OpenMode.CREATE) {
      requireDirectory(path.getParent(), "open");
      beforeWrite("open", path, life);
      content = new FakeContent(false);
      names.put(path, content);
    }
    if (content == null) {
      throw Errno.exception("open", name, Errno.ENOENT);
    }
    return new FakeDiskFile(this, name, content, mode != OpenMode.READ);
  }

  @Override
  public synchronized void createDirectories(Path directory) throws StorageException {
    Path path = directory.toAbsolutePath().normalize();
    beforeWrite("create directory", path, life);
    for (Path at = path; at != null && at.getNameCount() > 0; at = at.getParent()) {
      names.putIfAbsent(at, new FakeContent(true));
    }
  }

  @Override
  public synchronized boolean exists(Path path) throws StorageException {
    beforeRead("look up", path, life);
    return names.containsKey(path.toAbsolutePath().normalize());
  }

  @Override
  public synchronized List<Path> list(Path directory) throws StorageException {
    beforeRead("list", directory, life);
    Path path = directory.toAbsolutePath().normalize();
    requireDirectory(path, "list");
    List<Path> children = new ArrayList<>();
    for (Path candidate : names.keySet()) {
      if (path.equals(candidate.getParent())) {
        children.add(directory.resolve(candidate.getFileName()));
      }
    }
    return children;
  }

  @Override
  public synchronized void rename(Path from, Path to) throws StorageException {
    Path source = from.toAbsolutePath().normalize();
    Path target = to.toAbsolutePath().normalize();
    beforeWrite("rename", source, life);
    content(source, "rename");
    requireDirectory(target.getParent(), "rename");
    Map<Path, FakeContent> moved = new TreeMap<>();
    for (Path path : List.copyOf(names.keySet())) {
      if (path.startsWith(source)) {
        Path suffix = source.relativize(path);
        moved.put(path.equals(source) ? target : target.resolve(suffix), names.remove(path));
      }
    }
    names.putAll(moved);
  }

  @Override
  public synchronized void delete(Path name) throws StorageException {
    Path path = name.toAbsolutePath().normalize();
    beforeWrite("delete", path, life);
    @Nullable FakeContent content = names.get(path);
    if (content != null && content.isDirectory() && !list(path).isEmpty()) {
      throw Errno.exception("delete", name, 39);
    }
    names.remove(path);
  }

  /** Has something else happen just before the next directory is forced. */
  public synchronized void atNextDirectorySync(Event event) {
    atDirectorySync = event;
  }

  @Override
  public synchronized void syncDirectory(Path name) throws StorageException {
    @Nullable Event event = atDirectorySync;
    atDirectorySync = null;
    if (event != null) {
      event.happen();
    }
    Path directory = name.toAbsolutePath().normalize();
    beforeWrite("fsync", directory, life);
    requireDirectory(directory, "open");
    names.forEach((path, content) -> {
      if (isChild(path, directory)) {
        takeRename(path, content);
      }
    });
    syncedNames.keySet().removeIf(path -> isChild(path, directory) && !names.containsKey(path));
    for (Path at = directory; at != null && at.getNameCount() > 0; at = at.getParent()) {
      @Nullable FakeContent own = names.get(at);
      if (own != null) {
        syncedNames.putIfAbsent(at, own);
      }
    }
  }

  /** A renamed directory takes what was synced in it along. */
  private void takeRename(Path path, FakeContent content) {
    if (content.isDirectory() && syncedNames.get(path) != content) {
      @Nullable Path old = null;
      for (Map.Entry<Path, FakeContent> entry : syncedNames.entrySet()) {
        if (entry.getValue() == content) {
          old = entry.getKey();
        }
      }
      if (old != null) {
        for (Path below : List.copyOf(syncedNames.keySet())) {
          if (below.startsWith(old) && !below.equals(old)) {
            syncedNames.put(path.resolve(old.relativize(below)), syncedNames.remove(below));
          }
        }
        syncedNames.remove(old);
      }
    }
    syncedNames.put(path, content);
  }

  private static boolean isChild(Path path, Path directory) {
    return directory.equals(path.getParent());
  }

  @Override
  public byte[] readSmall(Path path, int bytesMax) throws StorageException {
    return SmallFiles.read(this, path, bytesMax);
  }

  @Override
  public void writeAtomically(Path path, byte[] content) throws StorageException {
    SmallFiles.writeAtomically(this, path, content);
  }

  @Override
  public synchronized long usableBytes(Path path) {
    return roomFor(1L << 50);
  }

  private FakeContent content(Path name, String what) throws StorageException {
    @Nullable FakeContent content = names.get(name.toAbsolutePath().normalize());
    if (content == null) {
      throw Errno.exception(what, name, Errno.ENOENT);
    }
    return content;
  }

  private void requireDirectory(@Nullable Path path, String what) throws StorageException {
    if (path == null || path.getNameCount() == 0) {
      return;
    }
    if (!content(path, what).isDirectory()) {
      throw Errno.exception(what, path, 20);
    }
  }
}
