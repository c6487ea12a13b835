package io.penstock.node.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who runs on a data directory: the process that its lock file names, while that lives. */
final class DataLock {

  private static final int PID_DIGITS_MAX = 18;

  private DataLock() {}

  /** The process id, or -1 where nobody does. */
  static long owner(Path data) {
    String text;
    try {
      text = Files.readString(data.resolve(".lock")).strip();
    } catch (IOException missing) {
      return -1;
    }
    if (text.isEmpty()
        || text.length() > PID_DIGITS_MAX
        || !text.chars().allMatch(Character::isDigit)) {
      return -1;
    }
    long pid = Long.parseLong(text);
    boolean lives =
        ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            .flatMap(process -> process.info().command())
            .filter(program -> program.endsWith("java"))
            .isPresent();
    return lives ? pid : -1;
  }
}
