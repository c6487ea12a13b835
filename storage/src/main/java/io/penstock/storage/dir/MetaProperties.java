package io.penstock.storage.dir;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's {@code meta.properties}, version 1: whose data directory this is. Written once, when a
 * directory is first used, and compared at each start. {@code directoryId} is absent in directories
 * of Kafka before 3.7.
 */
public record MetaProperties(String clusterId, int nodeId, @Nullable UUID directoryId) {
  public static final String FILE_NAME = "meta.properties";

  private static final int FILE_BYTES_MAX = 64 << 10;
  private static final String VERSION = "1";

  /** The identity in a data directory; empty where there is none yet. */
  public static Optional<MetaProperties> read(Disk disk, Path dataDirectory)
      throws StorageException {
    Path path = dataDirectory.resolve(FILE_NAME);
    if (!disk.exists(path)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try {
      properties.load(
          new StringReader(
              new String(disk.readSmall(path, FILE_BYTES_MAX), StandardCharsets.UTF_8)));
      String version = properties.getProperty("version");
      if (!VERSION.equals(version)) {
        throw corrupt("version is '" + version + "', only 1 is known", path);
      }
      String directoryId = properties.getProperty("directory.id");
      return Optional.of(
          new MetaProperties(
              required(properties, "cluster.id", path),
              Integer.parseInt(required(properties, "node.id", path)),
              directoryId == null ? null : WireUuid.parse(directoryId)));
    } catch (StorageException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()), path);
    }
  }

  public void write(Disk disk, Path dataDirectory) throws StorageException {
    TreeMap<String, String> values = new TreeMap<>();
    values.put("cluster.id", clusterId);
    values.put("node.id", Integer.toString(nodeId));
    values.put("version", VERSION);
    if (directoryId != null) {
      values.put("directory.id", WireUuid.format(directoryId));
    }
    StringBuilder text = new StringBuilder("#\n");
    values.forEach(
        (key, value) -> text.append(key).append('=').append(escaped(value)).append('\n'));
    disk.writeAtomically(
        dataDirectory.resolve(FILE_NAME), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Ids are base64url in practice; what a properties file would misread is escaped as it does. */
  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replaceAll("([=:#! ])", "\\\\$1");
  }

  private static String required(Properties properties, String key, Path path)
      throws CorruptFileException {
    String value = properties.getProperty(key);
    if (value == null || value.isBlank()) {
      throw corrupt(key + " is missing", path);
    }
    return value;
  }

  private static CorruptFileException corrupt(String what, Path path) {
    return new CorruptFileException(
        "identity of the data directory: " + what,
        path,
        "restore the file, or start with an empty directory");
  }
}
