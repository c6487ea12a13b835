package io.penstock.storage.dir;

import io.penstock.storage.log.LogId;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** One data directory as DescribeLogDirs shows it; the byte counts are -1 when it is offline. */
public record LogDirectoryView(
    Path path,
    long totalBytes,
    long usableBytes,
    Map<LogId, Long> logBytes,
    Optional<String> offlineCause) {}
