package io.penstock.cluster.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.BrokerProcess;
import io.penstock.cluster.process.BrokerUnderTest;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Ten thousand spoiled frames ({@code penstock.hostile.frames}) beside a healthy client: that one
 * sees no error, nothing bad is stored, and the broker's memory and descriptors stay where they
 * were.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class MalformedFramesTest {
  private static final int GROWTH_BYTES_MAX = 128 << 20;
  private static final int DESCRIPTORS_MORE_MAX = 20;
  private static final int ANSWER_BYTES_MAX = 1 << 20;
  private static final String TARGET = "target";
  private BrokerUnderTest broker;

  @BeforeAll
  void start() throws Exception {
    broker = BrokerUnderTest.open("hostile");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(TARGET, 1, (short) 1))).all().get();
    }
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @Test
  void hurtNobodyElseAndLeaveNothingBehind() throws Exception {
    int frames = Integer.getInteger("penstock.hostile.frames", 10_000);
    long seed = Long.getLong("penstock.seed", new Random().nextLong());
    Random random = new Random(seed);
    FrameFactory factory = new FrameFactory(TARGET);
    try (HealthyClient client = new HealthyClient(broker.bootstrap(), "healthy-" + seed)) {
      client.awaitRounds(50);
      send(FrameFactory.apiVersions());
      ProcessFigures before = figures();

      for (int i = 0; i < frames; i++) {
        send(Spoiled.frame(factory, random));
      }

      client.awaitRounds(50);
      ProcessFigures after = figures();
      String where = "seed " + seed + ": before " + before + ", after " + after;
      assertTrue(after.descriptors() <= before.descriptors() + DESCRIPTORS_MORE_MAX, where);
      assertTrue(after.anonymousBytes() <= before.anonymousBytes() + GROWTH_BYTES_MAX, where);
      assertEquals(0, endOffset(), "records stored from spoiled frames, seed " + seed);
    }
  }

  /** Each way to spoil a batch, told apart so that a failure names it. */
  @Test
  void refuseEachSpoiledBatchWithAnErrorAndStoreNothing() throws Exception {
    FrameFactory factory = new FrameFactory(TARGET);
    Random random = new Random(1);
    for (Spoiled.Batch way : Spoiled.Batch.values()) {
      byte[] batch = FrameFactory.batch(random, Compression.NONE);
      byte[] answer = send(factory.produce(way.spoil(batch, random)));

      assertTrue(answer.length == 0 || produceError(answer) != 0, way + " was accepted");
      assertEquals(0, endOffset(), way + " was stored");
    }
  }

  private static short produceError(byte[] answer) {
    // Produce v9, flexible: correlation id, tags, topics + 1, name, partitions + 1, index, error.
    ByteBuffer buffer = ByteBuffer.wrap(answer);
    int afterName = 4 + 1 + 1 + 1 + TARGET.length();
    return buffer.getShort(afterName + 1 + 4);
  }

  private long endOffset() throws Exception {
    TopicPartition partition = new TopicPartition(TARGET, 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      var offsets = admin.listOffsets(Map.of(partition, OffsetSpec.latest()));
      return offsets.partitionResult(partition).get().offset();
    }
  }

  private ProcessFigures figures() {
    BrokerProcess process = broker.process();
    return process == null ? new ProcessFigures(0, 0) : ProcessFigures.of(process.pid());
  }

  /** Sends a frame on a connection of its own; what is answered before the broker closes it. */
  private byte[] send(byte[] frame) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
      socket.setSoTimeout(5000);
      OutputStream output = socket.getOutputStream();
      output.write(frame);
      output.flush();
      socket.shutdownOutput();
      DataInputStream input = new DataInputStream(socket.getInputStream());
      int length = input.readInt();
      assertTrue(length >= 0 && length <= ANSWER_BYTES_MAX, "an answer of " + length + " bytes");
      return input.readNBytes(length);
    } catch (SocketTimeoutException silent) {
      throw new IllegalStateException("neither answered nor closed", silent);
    } catch (IOException closed) {
      return new byte[0];
    }
  }
}
