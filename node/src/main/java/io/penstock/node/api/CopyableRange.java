package io.penstock.node.api;

import io.penstock.client.wire.FileRange;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A file range that can also be copied through a channel: the way out where the kernel's own calls
 * cannot be used, because the platform or the transport has no descriptors to offer.
 */
public interface CopyableRange extends FileRange {

  /**
   * Copies bytes of the range from an offset inside it; returns how many the channel took, 0 where
   * it takes none now.
   *
   * @throws BrokenRangeException where the file ends before the range does; 0 would be taken for a
   *     channel that is full, for ever
   */
  long copyTo(long offset, long count, WritableByteChannel target) throws IOException;
}
