package io.penstock.storage.io;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Kafka's text checkpoint: a line "0" (the version), a line with the count, then one line for each
 * entry. A file without any content, which Kafka creates before it first writes one, has no entry.
 */
public final class CheckpointLines {
  private static final int FILE_BYTES_MAX = 256 << 20;
  private static final String VERSION = "0";
  private static final String REMEDY = "delete the file: what it says is found again from the log";

  private CheckpointLines() {}

  /** The entries of a checkpoint; none where there is no file. */
  public static List<String> read(Disk disk, Path path) throws StorageException {
    if (!disk.exists(path)) {
      return List.of();
    }
    String text = new String(disk.readSmall(path, FILE_BYTES_MAX), StandardCharsets.UTF_8);
    List<String> lines = text.lines().toList();
    if (lines.isEmpty()) {
      return List.of();
    }
    if (!lines.getFirst().equals(VERSION)) {
      throw corrupt("checkpoint of version '" + lines.getFirst() + "'", path);
    }
    List<String> entries = lines.subList(Math.min(2, lines.size()), lines.size());
    if (lines.size() > 1 && !lines.get(1).equals(Integer.toString(entries.size()))) {
      throw corrupt("checkpoint of " + entries.size() + " lines claims " + lines.get(1), path);
    }
    return entries;
  }

  /** Replaces the checkpoint atomically. */
  public static void write(Disk disk, Path path, List<String> entries) throws StorageException {
    StringBuilder text = new StringBuilder();
    text.append(VERSION).append('\n').append(entries.size()).append('\n');
    entries.forEach(entry -> text.append(entry).append('\n'));
    disk.writeAtomically(path, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  public static CorruptFileException corrupt(String what, Path path) {
    return new CorruptFileException(what, path, REMEDY);
  }
}
