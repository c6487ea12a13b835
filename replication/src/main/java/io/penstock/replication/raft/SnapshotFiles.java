package io.penstock.replication.raft;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot files of one group, each with its MD5 beside it. A file is written beside, synced
 * and renamed, and is told to Ratis only then: a snapshot that failed was never there. One thread
 * writes, see {@link SnapshotWriter}.
 */
final class SnapshotFiles {

  /** Encodes an image into a stream. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Decodes an image from a stream of a known length. */
  @FunctionalInterface
  interface Reader<I> {
    I readFrom(InputStream in, long length) throws IOException;
  }

  private static final String TEMPORARY_SUFFIX = ".writing";

  private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();

  /** What Ratis lists, sends to others and cleans up. */
  SimpleStateMachineStorage storage() {
    return storage;
  }

  /** Attaches to the group's directory and removes what a crash left unfinished. */
  void open(RaftStorage raftStorage) throws IOException {
    storage.init(raftStorage);
    Path directory = raftStorage.getStorageDir().getStateMachineDir().toPath();
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> unfinished =
          files.filter(file -> file.toString().endsWith(TEMPORARY_SUFFIX)).toList();
      for (Path file : unfinished) {
        Files.delete(file);
      }
    }
  }

  /** The newest snapshot, or null; looks at the directory again, as one may have been installed. */
  @Nullable SingleFileSnapshotInfo latest() {
    return storage.loadLatestSnapshot();
  }

  <I> I read(SingleFileSnapshotInfo snapshot, Reader<I> reader) throws IOException {
    File file = snapshot.getFile().getPath().toFile();
    MD5Hash expected = snapshot.getFile().getFileDigest();
    if (expected == null) {
      throw new IOException(
          "snapshot "
              + file
              + " has no MD5 file, so it may be torn; remedy: remove it to start"
              + " from an older one and the log");
    }
    if (!MD5FileUtil.computeMd5ForFile(file).equals(expected)) {
      throw new IOException(
          "snapshot "
              + file
              + " is damaged: its MD5 is not what was written; remedy: remove it and"
              + " its .md5 to start from an older one and the log, or restore the directory");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file.toPath()))) {
      return reader.readFrom(in, file.length());
    }
  }

  /** Writes one snapshot; afterwards {@link #latest} knows it. */
  void write(TermIndex at, Content content) throws IOException {
    File file = storage.getSnapshotFile(at.getTerm(), at.getIndex());
    Path temporary = file.toPath().resolveSibling(file.getName() + TEMPORARY_SUFFIX);
    MessageDigest md5 = MD5FileUtil.newMD5();
    try (FileOutputStream sink = new FileOutputStream(temporary.toFile());
        OutputStream out = new BufferedOutputStream(new DigestOutputStream(sink, md5), 1 << 16)) {
      content.writeTo(out);
      out.flush();
      sink.getChannel().force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    Files.move(temporary, file.toPath(), StandardCopyOption.ATOMIC_MOVE);
    MD5Hash digest = MD5Hash.newInstance(md5.digest());
    MD5FileUtil.saveMD5File(file, digest);
    Path directory = file.toPath().getParent();
    if (directory != null) {
      RaftMark.syncDirectory(directory);
    }
    storage.updateLatestSnapshot(
        new SingleFileSnapshotInfo(new FileInfo(file.toPath(), digest), at));
  }
}
