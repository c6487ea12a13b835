package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.raft.RaftCluster.Voter;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is heard, and who is not. */
@Timeout(60)
class PeerTransportTest {

  @TempDir Path root;

  private RaftCluster cluster;
  private Voter voter;

  @BeforeEach
  void begin() throws Exception {
    cluster = new RaftCluster(root, 2);
    voter = cluster.start(1);
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void aMemberThatSpeaksForItselfIsHeard() throws Exception {
    RequestVoteReplyProto reply =
        RequestVoteReplyProto.parseFrom(
            ask(2, vote(cluster.member(2), cluster.member(1), groupId())));

    assertEquals(1, PeerNames.nodeIdOf(voter.server().getId()));
    assertTrue(reply.getTerm() >= 0);
  }

  @Test
  void aMemberThatSpeaksForAnotherIsNotHeard() throws Exception {
    assertRefused("speaks for", 3, vote(cluster.member(2), cluster.member(1), groupId()));
  }

  @Test
  void whatWasMeantForThisNodesFormerDiskIsNotServed() throws Exception {
    Member former = cluster.member(1);
    Member other = new Member(1, new UUID(5, 5), former.address());

    assertRefused("this is 1-", 2, vote(cluster.member(2), other, groupId()));
  }

  @Test
  void anUnknownGroupIsRefused() throws Exception {
    RaftGroupId unknown = RaftGroupId.valueOf(new UUID(5, 5));

    assertRefused(unknown.toString(), 2, vote(cluster.member(2), cluster.member(1), unknown));
  }

  @Test
  void bytesThatAreNoMessageAreRefused() {
    assertRefused("no such message", 2, new byte[0]);
    assertRefused("no such message", 2, new byte[] {99, 1});
    assertRefused("", 2, new byte[] {1, -1, -1, -1});
  }

  @Test
  void aClosedMemberAnswersNothing() throws Exception {
    byte[] vote = vote(cluster.member(2), cluster.member(1), groupId());
    voter.host.close();

    assertRefused("no member", 2, vote);
  }

  private RaftGroupId groupId() throws Exception {
    return voter.division().getGroup().getGroupId();
  }

  private static byte[] vote(Member from, Member to, RaftGroupId group) throws Exception {
    byte[] message =
        RequestVoteRequestProto.newBuilder()
            .setServerRequest(Elections.header(PeerNames.idOf(from), PeerNames.idOf(to), group))
            .setCandidateTerm(0)
            .setCandidateLastEntry(TermIndex.INITIAL_VALUE.toProto())
            .setPreVote(true)
            .build()
            .toByteArray();
    byte[] body = new byte[1 + message.length];
    body[0] = 1;
    System.arraycopy(message, 0, body, 1, message.length);
    return body;
  }

  private byte[] ask(int nodeId, byte[] body) throws Exception {
    return voter
        .host
        .raftHandler()
        .handle(new PeerCaller(nodeId, new UUID(1, 1)), body)
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private void assertRefused(String message, int nodeId, byte[] body) {
    ExecutionException refused = assertThrows(ExecutionException.class, () -> ask(nodeId, body));
    assertTrue(String.valueOf(refused.getCause()).contains(message), refused.toString());
  }
}
