package io.penstock.storage.index;

import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One look-up in the file of a sealed index, on one thread: blocks come from the cache, and the
 * file is open only where one was missing and only until the look-up ends.
 */
final class SealedEntries implements Entries, AutoCloseable {
  private final Opener opener;
  private final IndexCache cache;
  private final long indexId;
  private final int count;
  private int blockNumber = -1;
  private ByteBuffer block = ByteBuffer.allocate(0);
  private @Nullable DiskFile file;
  private boolean mayRead = true;
  private boolean missed;

  /** Opens the index's file under the name that it has now. */
  interface Opener {
    DiskFile open() throws StorageException;
  }

  SealedEntries(Opener opener, IndexCache cache, long indexId, int count) {
    this.opener = opener;
    this.cache = cache;
    this.indexId = indexId;
    this.count = count;
  }

  /** Never reads the file: entries that are not in memory are zeros, and {@link #missed}. */
  SealedEntries inMemoryOnly() {
    mayRead = false;
    return this;
  }

  boolean missed() {
    return missed;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long longAt(int byteOffset) throws StorageException {
    return blockAt(byteOffset).getLong(byteOffset % IndexCache.BLOCK_BYTES);
  }

  @Override
  public int intAt(int byteOffset) throws StorageException {
    return blockAt(byteOffset).getInt(byteOffset % IndexCache.BLOCK_BYTES);
  }

  @Override
  public void close() throws StorageException {
    if (file != null) {
      file.close();
    }
  }

  private ByteBuffer blockAt(int byteOffset) throws StorageException {
    int wanted = byteOffset / IndexCache.BLOCK_BYTES;
    if (wanted != blockNumber) {
      block = mayRead ? cache.block(indexId, wanted, this::load) : cached(wanted);
      blockNumber = wanted;
    }
    return block;
  }

  private ByteBuffer cached(int wanted) {
    ByteBuffer known = cache.peek(indexId, wanted);
    missed |= known == null;
    return known == null ? ByteBuffer.allocate(IndexCache.BLOCK_BYTES) : known;
  }

  private ByteBuffer load(int number) throws StorageException {
    DiskFile opened = file;
    if (opened == null) {
      opened = opener.open();
      file = opened;
    }
    ByteBuffer loaded = ByteBuffer.allocate(IndexCache.BLOCK_BYTES);
    opened.read(loaded, (long) number * IndexCache.BLOCK_BYTES);
    return loaded;
  }
}
