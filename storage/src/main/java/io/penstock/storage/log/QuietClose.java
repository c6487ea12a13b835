package io.penstock.storage.log;

import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes files whose content is not in question any more, so that a failure is only worth a log
 * line.
 */
final class QuietClose {
  private static final Logger LOG = LoggerFactory.getLogger(QuietClose.class);

  private QuietClose() {}

  static void close(DiskFile file) {
    try {
      file.close();
    } catch (StorageException failure) {
      LOG.warn("Closing a file failed: file={} cause={}", file.path(), failure.getMessage());
    }
  }
}
