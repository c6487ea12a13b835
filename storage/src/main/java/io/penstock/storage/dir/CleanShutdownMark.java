package io.penstock.storage.dir;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Kafka's {@code .kafka_cleanshutdown}: written as the last thing of an orderly stop, when every
 * log of the directory is forced, and deleted before anything is changed. Where it is, no log needs
 * recovery. {@code brokerEpoch} proves which life of the broker ended cleanly (KIP-966); -1 where
 * the mark does not say.
 */
public record CleanShutdownMark(long brokerEpoch) {
  public static final String FILE_NAME = ".kafka_cleanshutdown";

  private static final int FILE_BYTES_MAX = 4 << 10;
  private static final Pattern EPOCH = Pattern.compile("\"brokerEpoch\"\\s*:\\s*(-?\\d{1,18})\\b");

  /** The mark of a data directory; a file that does not say an epoch is still a mark. */
  public static Optional<CleanShutdownMark> read(Disk disk, Path dataDirectory)
      throws StorageException {
    Path path = dataDirectory.resolve(FILE_NAME);
    if (!disk.exists(path)) {
      return Optional.empty();
    }
    Matcher epoch =
        EPOCH.matcher(new String(disk.readSmall(path, FILE_BYTES_MAX), StandardCharsets.UTF_8));
    return Optional.of(new CleanShutdownMark(epoch.find() ? Long.parseLong(epoch.group(1)) : -1));
  }

  public void write(Disk disk, Path dataDirectory) throws StorageException {
    String text = "{\"version\":0,\"brokerEpoch\":" + brokerEpoch + "}";
    disk.writeAtomically(dataDirectory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Takes the mark away, durably: after a crash from now on the logs are recovered. */
  public static void delete(Disk disk, Path dataDirectory) throws StorageException {
    Path path = dataDirectory.resolve(FILE_NAME);
    if (disk.exists(path)) {
      disk.delete(path);
      disk.syncDirectory(dataDirectory);
    }
  }
}
