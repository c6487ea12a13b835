package io.penstock.cluster.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.BrokerProcess;
import io.penstock.cluster.process.Distribution;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that announce a frame as large as one may be, and then send nothing more. */
@Timeout(300)
class AnnouncedGiantsTest {
  private static final int CONNECTIONS = 60;
  private static final int ANNOUNCED_BYTES = 100 << 20;
  private static final int GROWTH_BYTES_MAX = 64 << 20;

  @Test
  void holdNoMemoryAndNobodyUp() throws Exception {
    try (BrokerProcess broker =
            BrokerProcess.start(Distribution.scratch("giants").resolve("data"));
        HealthyClient client = new HealthyClient(broker.bootstrap(), "healthy")) {
      client.awaitRounds(200);
      ProcessFigures before = ProcessFigures.of(broker.pid());
      List<Socket> giants = new ArrayList<>();
      try {
        for (int i = 0; i < CONNECTIONS; i++) {
          giants.add(announce(broker.port(), i % 2 == 0));
        }
        client.awaitRounds(300);
        ProcessFigures during = ProcessFigures.of(broker.pid());
        assertTrue(
            during.anonymousBytes() <= before.anonymousBytes() + GROWTH_BYTES_MAX,
            "before " + before + ", while " + CONNECTIONS + " giants are announced " + during);
      } finally {
        for (Socket giant : giants) {
          giant.close();
        }
      }
      client.awaitRounds(10);
    }
  }

  /**
   * Half of them introduce themselves first, so that the limit for strangers does not stop them.
   */
  private static Socket announce(int port, boolean known) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(5000);
    if (known) {
      socket.getOutputStream().write(FrameFactory.apiVersions());
      DataInputStream input = new DataInputStream(socket.getInputStream());
      input.readNBytes(input.readInt());
    }
    socket.getOutputStream().write(FrameFactory.announcing(ANNOUNCED_BYTES));
    if (known) {
      // Produce v9 and its correlation id: the head of a request that never goes on.
      socket.getOutputStream().write(new byte[] {0, 0, 0, 9, 0, 0, 0, 1, -1, -1, 0});
    }
    socket.getOutputStream().flush();
    return socket;
  }
}
