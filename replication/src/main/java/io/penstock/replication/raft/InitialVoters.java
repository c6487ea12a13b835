package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import java.io.File;
import java.io.IOException;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.AtomicFileOutputStream;

/**
 * The voters that a group begins with, on disk. Ratis itself writes them with the first entry that
 * is applied: a member that stopped before would find no voters and wait to be added for ever.
 */
final class InitialVoters {

  private static final String FILE_NAME = "raft-meta.conf"; // Ratis' name

  private InitialVoters() {}

  static void write(RaftStorage storage, List<Member> voters) throws IOException {
    File file = new File(storage.getStorageDir().getCurrentDir(), FILE_NAME);
    if (file.exists()) {
      return;
    }
    RaftConfigurationProto.Builder configuration = RaftConfigurationProto.newBuilder();
    for (RaftPeer peer : PeerNames.peersOf(voters)) {
      configuration.addPeers(peer.getRaftPeerProto());
    }
    try (AtomicFileOutputStream out = new AtomicFileOutputStream(file)) {
      LogEntryProto.newBuilder()
          .setTerm(0)
          .setIndex(RaftLog.INVALID_LOG_INDEX) // before every entry
          .setConfigurationEntry(configuration)
          .build()
          .writeTo(out);
    }
  }
}
