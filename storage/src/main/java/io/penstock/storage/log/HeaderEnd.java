package io.penstock.storage.log;

import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;

/** Where a walk over headers stopped: the next offset, and the position behind the last batch. */
record HeaderEnd(long offset, int position) {

  /**
   * Walks from a batch on while whole batches that lie below an offset follow one another. Offsets
   * must grow: no checksum covers them, and a torn write may have left zeros in their place.
   */
  static HeaderEnd walk(DiskFile file, long baseOffset, int from, int size, long belowOffset)
      throws StorageException {
    HeaderReader reader = HeaderReader.over(file, from, size);
    HeaderEnd end = new HeaderEnd(baseOffset, from);
    while (reader.loadIfWhole()
        && reader.baseOffset() >= end.offset()
        && reader.lastOffset() < belowOffset) {
      long next = reader.lastOffset() + 1;
      reader.next();
      end = new HeaderEnd(next, (int) reader.position());
    }
    // Where not even the first one is whole, only those before it tell which offset is next.
    return end.position() == from && from > 0 ? walk(file, baseOffset, 0, size, belowOffset) : end;
  }
}
