package io.penstock.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** This process is node 1, which calls node 2 through a relay. */
@Timeout(30)
class PeerNetworkTest {
  private static final int SILENCE_MS = 100;

  private final PeerNetwork network =
      new PeerNetwork(() -> Map.of(1, ProcessHandle.current().pid(), 3, -1L));
  private ServerSocket called;
  private int relay;

  @BeforeEach
  void start() throws IOException {
    List<Integer> ports = Ports.free(2);
    called = new ServerSocket(ports.get(0), 10, InetAddress.getLoopbackAddress());
    relay = ports.get(1);
    network.relay(2, relay, ports.get(0));
  }

  @AfterEach
  void stop() throws IOException {
    network.close();
    called.close();
  }

  @Test
  void passesBytesBothWays() throws IOException {
    try (Socket caller = call();
        Socket callee = called.accept()) {
      caller.getOutputStream().write(7);
      callee.getOutputStream().write(8);

      assertEquals(7, callee.getInputStream().read());
      assertEquals(8, caller.getInputStream().read());
    }
  }

  @Test
  void keepsBytesBackWhileTheTwoAreCutOffAndDeliversThemAfterwards() throws IOException {
    try (Socket caller = call();
        Socket callee = called.accept()) {
      caller.getOutputStream().write(1);
      assertEquals(1, callee.getInputStream().read());

      network.cut(Set.of(2), Set.of(1));

      caller.getOutputStream().write(2);
      callee.setSoTimeout(SILENCE_MS);
      assertThrows(SocketTimeoutException.class, () -> callee.getInputStream().read());
      network.heal();
      callee.setSoTimeout(0);
      assertEquals(2, callee.getInputStream().read());
    }
  }

  @Test
  void connectsNobodyWhileTheTwoAreCutOff() throws IOException {
    network.cut(Set.of(1), Set.of(2));

    try (Socket caller = call()) {
      called.setSoTimeout(SILENCE_MS);
      assertThrows(SocketTimeoutException.class, called::accept);
      caller.getOutputStream().write(5);
      network.heal();
      called.setSoTimeout(0);
      try (Socket callee = called.accept()) {
        assertEquals(5, callee.getInputStream().read());
      }
    }
  }

  @Test
  void letsBytesPassInTheOtherDirectionOfAOneWayCut() throws IOException {
    try (Socket caller = call();
        Socket callee = called.accept()) {
      caller.getOutputStream().write(1);
      assertEquals(1, callee.getInputStream().read());

      network.cutOneWay(Set.of(1), Set.of(2));

      caller.getOutputStream().write(2);
      callee.getOutputStream().write(3);
      assertEquals(3, caller.getInputStream().read());
      callee.setSoTimeout(SILENCE_MS);
      assertThrows(SocketTimeoutException.class, () -> callee.getInputStream().read());
      network.heal();
      callee.setSoTimeout(0);
      assertEquals(2, callee.getInputStream().read());
    }
  }

  @Test
  void connectsNobodyWhileOneDirectionIsCut() throws IOException {
    network.cutOneWay(Set.of(2), Set.of(1));

    try (Socket _ = call()) {
      called.setSoTimeout(SILENCE_MS);
      assertThrows(SocketTimeoutException.class, called::accept);
      network.heal();
      called.setSoTimeout(0);
      called.accept().close();
    }
  }

  @Test
  void leavesOthersAlone() throws IOException {
    network.cut(Set.of(3), Set.of(1, 2));

    try (Socket caller = call();
        Socket callee = called.accept()) {
      caller.getOutputStream().write(9);

      assertEquals(9, callee.getInputStream().read());
    }
  }

  @Test
  void tellsConnectionsOfOnePortApartByTheirOtherEnds() throws IOException {
    Map<Integer, Long> pids = Map.of(1, ProcessHandle.current().pid());
    try (Socket caller = call()) {
      assertEquals(1, SocketOwner.find(caller.getLocalPort(), relay, pids));
      assertEquals(-1, SocketOwner.find(caller.getLocalPort(), relay + 1, pids));
    }
  }

  @Test
  void letsNobodyPassWhoseCutsItCannotKnow() throws IOException {
    try (PeerNetwork ofNobody = new PeerNetwork(Map::of)) {
      int port = Ports.free(1).getFirst();
      ofNobody.relay(2, port, called.getLocalPort());

      try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertEquals(-1, caller.getInputStream().read());
      }
    }
  }

  private Socket call() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), relay);
  }
}
