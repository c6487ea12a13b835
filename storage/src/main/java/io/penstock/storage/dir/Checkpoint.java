package io.penstock.storage.dir;

import io.penstock.storage.io.CheckpointLines;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One of the offset checkpoints of a data directory: an offset for each partition in it, in Kafka's
 * text format. Reading and writing block; one thread at a time writes.
 */
public final class Checkpoint {
  public static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";
  public static final String LOG_START_OFFSETS = "log-start-offset-checkpoint";
  public static final String HIGH_WATERMARKS = "replication-offset-checkpoint";
  public static final String CLEANED = "cleaner-offset-checkpoint";

  /** The partition that a line is about. */
  public record Partition(String topic, int number) {}

  private final Disk disk;
  private final Path path;

  public Checkpoint(Disk disk, Path dataDirectory, String fileName) {
    this.disk = disk;
    this.path = dataDirectory.resolve(fileName);
  }

  /** The offsets, in the order of the file; none where there is no file. */
  public Map<Partition, Long> read() throws StorageException {
    Map<Partition, Long> offsets = new LinkedHashMap<>();
    for (String line : CheckpointLines.read(disk, path)) {
      String[] words = line.split(" ", -1);
      if (words.length != 3) {
        throw CheckpointLines.corrupt("no topic, partition and offset in '" + line + "'", path);
      }
      try {
        offsets.put(new Partition(words[0], Integer.parseInt(words[1])), Long.parseLong(words[2]));
      } catch (NumberFormatException e) {
        throw CheckpointLines.corrupt("no partition and offset in '" + line + "'", path);
      }
    }
    return offsets;
  }

  /** Replaces the file. */
  public void write(Map<Partition, Long> offsets) throws StorageException {
    List<String> lines = new ArrayList<>(offsets.size());
    offsets.forEach((partition, offset) ->
        lines.add(partition.topic() + " " + partition.number() + " " + offset));
    CheckpointLines.write(disk, path, lines);
  }
}
