package io.penstock.storage.index;

import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of sealed indexes that were read last, up to a fixed number of bytes, for all logs of
 * a node. Any thread; its lock is held for map look-ups only, never while reading a file, so two
 * threads may load the same block at once and one copy wins.
 */
public final class IndexCache {
  /** A multiple of both entry sizes, so that no entry spans two blocks. */
  static final int BLOCK_BYTES = 4080;

  /** What a block costs besides its bytes: key, map entry, buffer and array headers. */
  private static final int BLOCK_OVERHEAD_BYTES = 160;

  private final long bytesMax;
  private final AtomicLong nextIndexId = new AtomicLong();
  private final LinkedHashMap<BlockKey, ByteBuffer> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  public IndexCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Bytes held now. */
  public long bytes() {
    synchronized (blocks) {
      return bytes;
    }
  }

  /** A name for one opened index; a file that is opened again never meets its old blocks. */
  long newIndexId() {
    return nextIndexId.incrementAndGet();
  }

  ByteBuffer block(long indexId, int block, BlockLoader loader) throws StorageException {
    BlockKey key = new BlockKey(indexId, block);
    synchronized (blocks) {
      ByteBuffer known = blocks.get(key);
      if (known != null) {
        return known;
      }
    }
    ByteBuffer loaded = loader.load(block);
    synchronized (blocks) {
      @Nullable ByteBuffer replaced = blocks.put(key, loaded);
      bytes += cost(loaded) - (replaced == null ? 0 : cost(replaced));
      Iterator<ByteBuffer> eldest = blocks.values().iterator();
      while (bytes > bytesMax && blocks.size() > 1) {
        bytes -= cost(eldest.next());
        eldest.remove();
      }
    }
    return loaded;
  }

  /** The block if it is here. */
  @Nullable ByteBuffer peek(long indexId, int block) {
    synchronized (blocks) {
      return blocks.get(new BlockKey(indexId, block));
    }
  }

  private static int cost(ByteBuffer block) {
    return block.capacity() + BLOCK_OVERHEAD_BYTES;
  }

  /** Reads a block from the file. */
  interface BlockLoader {
    ByteBuffer load(int block) throws StorageException;
  }

  private record BlockKey(long indexId, int block) {}
}
