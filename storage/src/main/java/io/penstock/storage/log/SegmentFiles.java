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

  /** What a file is called while a cleaning writes it. */
  static final String CLEANED_SUFFIX = ".cleaned";

  /** What it is called when it is complete and is to replace the segments that it was made of. */
  static final String SWAP_SUFFIX = ".swap";

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

  static Path marked(Path file, String mark) {
    return mark.isEmpty() ? file : file.resolveSibling(file.getFileName() + mark);
  }

  /** What a file is called until it is unlinked; the number tells those of one name apart. */
  static Path deleted(Path file, int number) {
    String mark = number == 0 ? "" : "." + number;
    return file.resolveSibling(file.getFileName() + mark + DELETED_SUFFIX);
  }

  /** Whether a file is, or was before its deletion, the large one of a segment. */
  static boolean holdsBatches(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.equals(PREPARED_NAME)
        || (name.startsWith(LOG_SUFFIX, DIGITS)
            && name.chars().limit(DIGITS).allMatch(Character::isDigit));
  }

  /** The offset in a file name of this suffix; empty when the name is of another kind. */
  static OptionalLong offsetOf(Path file, String suffix) {
    String name = String.valueOf(file.getFileName());
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
