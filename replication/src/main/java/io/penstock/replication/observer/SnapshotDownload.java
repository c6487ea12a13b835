package io.penstock.replication.observer;

import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.Position;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A snapshot on its way here, part after part. What is announced is not believed: memory is taken
 * for what has come only. Owned by the poller's thread.
 */
final class SnapshotDownload {

  private final List<byte[]> parts = new ArrayList<>();
  private final CRC32C crc = new CRC32C();
  private Position at = Position.NONE;
  private long length;
  private long received;

  /** What to ask for next. */
  SnapshotRequest next(int group, int bytesMax) {
    return new SnapshotRequest(group, at, received, bytesMax);
  }

  Position at() {
    return at;
  }

  long received() {
    return received;
  }

  boolean isComplete() {
    return !parts.isEmpty() && received == length;
  }

  /**
   * Takes the next part.
   *
   * @return an empty text, or what is wrong with it
   */
  String take(SnapshotAnswer answer, long bytesMax) {
    if (parts.isEmpty()) {
      at = answer.at();
      length = answer.length();
    }
    if (length < 0 || length > bytesMax) {
      return "it has " + length + " bytes";
    }
    if (!answer.at().equals(at) || answer.length() != length) {
      return "another part of it is of " + answer.at();
    }
    byte[] part = answer.part();
    if (part.length == 0 || received + part.length > length) {
      return "a part has " + part.length + " bytes after " + received + " of " + length;
    }
    parts.add(part);
    crc.update(part);
    received += part.length;
    return isComplete() && (int) crc.getValue() != answer.crc() ? "its CRC is wrong" : "";
  }

  /** The whole; of a complete download only. */
  <T> T read(ImageReader<T> reader) throws IOException {
    List<InputStream> streams = new ArrayList<>();
    for (byte[] part : parts) {
      streams.add(new ByteArrayInputStream(part));
    }
    try (InputStream in = new SequenceInputStream(Collections.enumeration(streams))) {
      return reader.read(new CompactInput(in, length));
    }
  }

  /** Reads an image. */
  @FunctionalInterface
  interface ImageReader<T> {
    T read(CompactInput in) throws IOException;
  }
}
