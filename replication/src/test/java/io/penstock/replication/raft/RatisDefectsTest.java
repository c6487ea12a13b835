package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.raft.RaftCluster.Voter;
import io.penstock.replication.raft.RaftSettings.Begin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SetConfigurationRequest.Mode;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Ratis does wrong, or otherwise than one would think, and this package works around. A test
 * that fails after an upgrade says that a way around may not be needed any more.
 */
@Timeout(120)
class RatisDefectsTest {

  @TempDir Path root;

  private RaftCluster cluster;

  @BeforeEach
  void begin() throws Exception {
    cluster = new RaftCluster(root, 1);
    cluster.startFounders();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  /** So {@link GroupVoters} compares and sets complete lists, and nobody is a listener. */
  @Test
  void addingAListenerDropsTheListenerThatWasThere() throws Exception {
    cluster.startToBeAdded(2);
    cluster.startToBeAdded(3);
    addListener(cluster.member(2));
    assertEquals(List.of("2"), listeners());

    addListener(cluster.member(3));

    assertEquals(List.of("3"), listeners());
  }

  private void addListener(Member member) throws Exception {
    RaftServer server = cluster.voter(1).server();
    RaftPeer listener =
        RaftPeer.newBuilder(PeerNames.peerOf(member)).setStartupRole(RaftPeerRole.LISTENER).build();
    SetConfigurationRequest request =
        new SetConfigurationRequest(
            ClientId.randomId(),
            server.getId(),
            server.getGroupIds().iterator().next(),
            CallId.getAndIncrement(),
            SetConfigurationRequest.Arguments.newBuilder()
                .setMode(Mode.ADD)
                .setServersInNewConf(List.of())
                .setListenersInNewConf(List.of(listener))
                .build());
    RaftClientReply reply = server.setConfigurationAsync(request).get(60, TimeUnit.SECONDS);
    assertTrue(reply.isSuccess(), reply.toString());
  }

  private List<String> listeners() throws Exception {
    return cluster.voter(1).division().getRaftConf().getAllPeers(RaftPeerRole.LISTENER).stream()
        .map(peer -> "" + PeerNames.nodeIdOf(peer.getId()))
        .toList();
  }

  /** So {@link RaftMark} says what has to be there. */
  @Test
  void recoveringWhatIsGoneBeginsAnewWithoutAWord() throws Exception {
    Path empty = Files.createDirectories(root.resolve("empty"));
    RaftSettings settings =
        new RaftSettings(
            cluster.member(9), empty, null, new Begin.Found(), RaftSettings.ELECTION_TIMEOUT_MS);
    RaftGroupId id = RaftGroupId.valueOf(new UUID(9, 9));
    RatisGroup<Long, Integer, Long> group =
        new RatisGroup<>(
            "sum",
            cluster.member(9),
            (_, _) -> {},
            new RatisStateMachine<>(
                "sum", new SumRules(), (_, _) -> {}, () -> {}, _ -> {}, (_, _) -> {}));
    PeerTransport transport = new PeerTransport("9", cluster.network.add(9), 1_000, _ -> {});

    RaftServer server =
        new GroupOpener(settings, LogLimits.DEFAULT, transport, Map.of(id, group)).recover();

    assertTrue(server.getDivision(id).getInfo().isAlive());
    server.close();
  }

  /** So {@link RaftHost} asks with a gap of 1. */
  @Test
  void aSnapshotThatIsAskedForWithAGapOfZeroIsNotTaken() throws Exception {
    cluster.add(1);

    requestSnapshot(0);
    assertNull(cluster.voter(1).division().getStateMachine().getLatestSnapshot());

    requestSnapshot(1);
    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .untilAsserted(
            () -> assertNotNull(cluster.voter(1).division().getStateMachine().getLatestSnapshot()));
  }

  private void requestSnapshot(long gap) throws Exception {
    Voter voter = cluster.voter(1);
    var _ =
        voter
            .server()
            .snapshotManagementAsync(
                SnapshotManagementRequest.newCreate(
                    ClientId.randomId(),
                    voter.server().getId(),
                    voter.server().getGroupIds().iterator().next(),
                    CallId.getAndIncrement(),
                    10_000,
                    gap))
            .get(60, TimeUnit.SECONDS);
  }

  /** So {@link RaftHost} looks after its groups, and the process ends with one of them. */
  @Test
  void aGroupThatWasClosedStaysClosedAndStopsTheProcess() throws Exception {
    Voter voter = cluster.voter(1);

    voter.division().close();

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .untilAsserted(() -> assertTrue(voter.halts.toString().contains("never reopens")));
  }
}
