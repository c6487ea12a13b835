package io.penstock.cluster.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What {@code /proc} says of a process: open descriptors, and anonymous resident memory in bytes.
 */
record ProcessFigures(long descriptors, long anonymousBytes) {

  static ProcessFigures of(long pid) {
    Path process = Path.of("/proc", Long.toString(pid));
    try (Stream<Path> open = Files.list(process.resolve("fd"));
        Stream<String> status = Files.lines(process.resolve("status"))) {
      long kib =
          status
              .filter(line -> line.startsWith("RssAnon:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow();
      return new ProcessFigures(open.count(), kib << 10);
    } catch (IOException failure) {
      throw new IllegalStateException("cannot read the figures of process " + pid, failure);
    }
  }
}
