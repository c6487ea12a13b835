package io.penstock.storage.log;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The names of the files of a log, which are Kafka's. */
final class SegmentFiles {
  static final String LOG_SUFFIX = ".log";
  static final String INDEX_SUFFIX = ".index";
  static final String TIME_INDEX_SUFFIX = ".timeindex";
  static final String TRANSACTION_INDEX_SUFFIX = ".txnindex";
  static final String SNAPSHOT_SUFFIX = ".snapshot";
  static final String DELETED_SUFFIX = ".deleted";

  /**
   * The file that becomes the next segment. Kafka and Penstock both delete files of this suffix
   * when they open a log, so a prepared file is never mistaken for data.
   */
  static final String PREPARED_NAME = "next.log" + DELETED_SUFFIX;

  static final List<String> OF_A_SEGMENT =
      List.of(LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX);

  private static final int DIGITS = 20;

  private SegmentFiles() {}

  static Path path(Path directory, long baseOffset, String suffix) {
    String digits = Long.toString(baseOffset);
    return directory.resolve("0".repeat(DIGITS - digits.length()) + digits + suffix);
  }

  static Path deleted(Path file) {
    return file.resolveSibling(file.getFileName() + DELETED_SUFFIX);
  }

  /** The offset in a file name of this suffix; empty when the name is of another kind. */
  static OptionalLong offsetOf(Path file, String suffix) {
    String name = file.getFileName().toString();
    if (!name.endsWith(suffix) || name.length() != DIGITS + suffix.length()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(name.substring(0, DIGITS)));
    } catch (NumberFormatException notAnOffset) {
      return OptionalLong.empty();
    }
  }
}
