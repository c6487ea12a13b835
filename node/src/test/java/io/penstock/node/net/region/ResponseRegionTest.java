package io.penstock.node.net.region;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.Epoll;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.FileRange;
import io.penstock.client.wire.ResponseFrame;
import io.penstock.client.wire.WireRecords;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sends regions over real sockets in every way there is; what arrives must not differ. */
@Timeout(60)
final class ResponseRegionTest {

  private static final short VERSION = 12;
  private static final int FILE_BYTES = 8 << 20;
  private static final long SEED = 7;

  /** How regions leave. The copying ones are the reference. */
  enum Way {
    SPLICE,
    SENDFILE,
    COPY_ON_EPOLL,
    COPY_ON_NIO
  }

  @TempDir private Path directory;
  private final byte[] content = new byte[FILE_BYTES];
  private TestFile file;

  @BeforeEach
  void writeFile() throws IOException {
    new Random(SEED).nextBytes(content);
    file = new TestFile(directory.resolve("segment"));
    file.write(content, 0);
  }

  @AfterEach
  void everyRangeIsReleasedOnce() throws IOException {
    await().untilAsserted(() -> assertEquals(file.rangesMade(), file.rangesReleased()));
    file.close();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void sendsTheSameBytesAsAResponseInMemory(Way way) throws Exception {
    int[][] shapes = {{0, 1}, {17, 100}, {4096, 65_536}, {1000, 3 << 20}, {5, 1 << 20}};
    try (RegionServer server = server(way);
        Socket client = connect(server)) {
      Channel channel = server.nextAccepted();
      server.send(channel, response(shapes));

      byte[] received = readFully(client, expected(shapes).length);

      assertArrayEquals(expected(shapes), received);
      await().untilAsserted(() -> assertEquals(received.length, server.releasedBytes.get()));
      assertEquals(received.length, server.movedBytes.get());
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void sendsManySmallRangesInOrder(Way way) throws Exception {
    int[][] shapes = new int[500][];
    Random random = new Random(SEED);
    for (int i = 0; i < shapes.length; i++) {
      shapes[i] = new int[] {random.nextInt(FILE_BYTES / 2), 1 + random.nextInt(20_000)};
    }
    try (RegionServer server = server(way);
        Socket client = connect(server)) {
      server.send(server.nextAccepted(), response(shapes));

      assertArrayEquals(expected(shapes), readFully(client, expected(shapes).length));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void servesSlowAndFastReadersOfOneLoopWithTheirOwnBytes(Way way) throws Exception {
    int[][] large = {{0, 7 << 20}};
    int[][] other = {{123_456, 6 << 20}, {9, 200_000}};
    try (RegionServer server = server(way);
        Socket slow = connect(server);
        Socket fast = connect(server)) {
      Channel slowChannel = server.nextAccepted();
      Channel fastChannel = server.nextAccepted();
      server.send(slowChannel, response(large));
      server.send(fastChannel, response(other));
      ByteBuffer slowBytes = ByteBuffer.allocate(expected(large).length);
      DataInputStream slowInput = new DataInputStream(slow.getInputStream());

      byte[] fastBytes = readFully(fast, expected(other).length);
      while (slowBytes.hasRemaining()) {
        int count = Math.min(50_000, slowBytes.remaining());
        slowInput.readFully(slowBytes.array(), slowBytes.position(), count);
        slowBytes.position(slowBytes.position() + count);
      }

      assertArrayEquals(expected(other), fastBytes);
      assertArrayEquals(expected(large), slowBytes.array());
    }
  }

  @SuppressWarnings("try") // leaving in the middle is what is tested
  @ParameterizedTest
  @EnumSource(Way.class)
  void survivesAPeerThatClosesInTheMiddle(Way way) throws Exception {
    int[][] large = {{0, 8 << 20}};
    int[][] next = {{777, 3 << 20}};
    try (RegionServer server = server(way)) {
      for (int round = 0; round < 10; round++) {
        try (Socket leaving = connect(server);
            Socket staying = connect(server)) {
          Channel first = server.nextAccepted();
          Channel second = server.nextAccepted();
          Channel leavingChannel = portOf(first) == leaving.getLocalPort() ? first : second;
          Channel stayingChannel = leavingChannel.equals(first) ? second : first;
          ChannelFuture sent = server.startSending(leavingChannel, response(large));
          leaving.setSoLinger(true, 0);
          readFully(leaving, 100_000);
          leaving.close();
          server.send(stayingChannel, response(next));

          assertArrayEquals(expected(next), readFully(staying, expected(next).length));
          await().until(sent::isDone);
          await().until(() -> !leavingChannel.isOpen());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void sendsFromBehindTwoGibibytes(Way way) throws Exception {
    long position = (5L << 30) + 3;
    byte[] far = new byte[300_000];
    new Random(SEED + 1).nextBytes(far);
    file.write(far, position);
    try (RegionServer server = server(way);
        Socket client = connect(server)) {
      server.send(server.nextAccepted(), encode(List.of(file.range(position, far.length))));

      byte[] expected = bytesOf(encodeInMemory(List.of(ByteBuffer.wrap(far))));
      assertArrayEquals(expected, readFully(client, expected.length));
    }
  }

  @Test
  void closesTheConnectionWhereTheFileEndsBeforeTheRange() throws Exception {
    for (Way way : new Way[] {Way.SPLICE, Way.SENDFILE}) {
      try (RegionServer server = server(way);
          Socket client = connect(server)) {
        Channel channel = server.nextAccepted();
        ChannelFuture sent =
            server.startSending(channel, encode(List.of(file.range(FILE_BYTES - 10, 100_000))));

        await().until(sent::isDone);

        assertTrue(sent.cause() instanceof IOException, String.valueOf(sent.cause()));
        assertTrue(client.isConnected());
      }
    }
  }

  @Test
  void goesBySendfileWhileNoPipeIsToBeHad() throws Exception {
    assumeTrue(Epoll.isAvailable());
    IOException noneLeft = new IOException("pipe2 failed: errno=24");
    List<IOException> heard = new CopyOnWriteArrayList<>();
    RegionSender sender =
        new RegionSender(
            () -> {
              throw noneLeft;
            },
            heard::add);
    int[][] shapes = {{1000, 3 << 20}, {5, 1 << 20}};
    try (RegionServer server = new RegionServer(sender, true);
        Socket client = connect(server)) {
      server.send(server.nextAccepted(), response(shapes));

      assertArrayEquals(expected(shapes), readFully(client, expected(shapes).length));
    }
    assertTrue(heard.contains(noneLeft));
  }

  @Test
  void leavesNothingInThePipeForTheNextConnection() throws Exception {
    int[][] large = {{0, 8 << 20}};
    try (RegionServer server = server(Way.SPLICE);
        Socket stuck = connect(server)) {
      Channel channel = server.nextAccepted();
      server.send(channel, response(large)); // fills the socket, the rest would stay in the pipe
      await().until(() -> server.movedBytes.get() > 0);
      int[][] shapes = {{31, 2 << 20}};
      for (int i = 0; i < 5; i++) {
        try (Socket client = connect(server)) {
          server.send(server.nextAccepted(), response(shapes));

          assertArrayEquals(expected(shapes), readFully(client, expected(shapes).length));
        }
      }
      assertArrayEquals(expected(large), readFully(stuck, expected(large).length));
    }
  }

  private static int portOf(Channel channel) {
    return ((java.net.InetSocketAddress) channel.remoteAddress()).getPort();
  }

  private RegionServer server(Way way) {
    assumeTrue(Epoll.isAvailable() || way == Way.COPY_ON_NIO);
    return switch (way) {
      case SPLICE -> new RegionServer(new RegionSender(1, 1), true);
      case SENDFILE ->
          new RegionServer(new RegionSender(Integer.MAX_VALUE, Integer.MAX_VALUE), true);
      case COPY_ON_EPOLL -> new RegionServer(null, true);
      case COPY_ON_NIO -> new RegionServer(null, false);
    };
  }

  private static Socket connect(RegionServer server) throws IOException {
    return new Socket(server.address().getAddress(), server.address().getPort());
  }

  private static byte[] readFully(Socket socket, int count) throws IOException {
    byte[] bytes = new byte[count];
    new DataInputStream(socket.getInputStream()).readFully(bytes);
    return bytes;
  }

  private ResponseFrame response(int[][] shapes) {
    List<FileRange> ranges = new ArrayList<>();
    for (int[] shape : shapes) {
      ranges.add(file.range(shape[0], shape[1]));
    }
    return encode(ranges);
  }

  private byte[] expected(int[][] shapes) {
    List<ByteBuffer> records = new ArrayList<>();
    for (int[] shape : shapes) {
      records.add(ByteBuffer.wrap(content, shape[0], shape[1]).slice());
    }
    return bytesOf(encodeInMemory(records));
  }

  private static ResponseFrame encode(List<? extends FileRange> ranges) {
    FetchResponseData.FetchableTopicResponse topic =
        new FetchResponseData.FetchableTopicResponse().setTopic("topic");
    for (int i = 0; i < ranges.size(); i++) {
      topic
          .partitions()
          .add(
              new FetchResponseData.PartitionData()
                  .setPartitionIndex(i)
                  .setRecords(WireRecords.ofRange(ranges.get(i))));
    }
    return encode(topic, PooledByteBufAllocator.DEFAULT);
  }

  private static ResponseFrame encodeInMemory(List<ByteBuffer> records) {
    FetchResponseData.FetchableTopicResponse topic =
        new FetchResponseData.FetchableTopicResponse().setTopic("topic");
    for (int i = 0; i < records.size(); i++) {
      topic
          .partitions()
          .add(
              new FetchResponseData.PartitionData()
                  .setPartitionIndex(i)
                  .setRecords(WireRecords.ofBytes(records.get(i))));
    }
    return encode(topic, ByteBufAllocator.DEFAULT);
  }

  private static ResponseFrame encode(
      FetchResponseData.FetchableTopicResponse topic, ByteBufAllocator allocator) {
    FetchResponseData response = new FetchResponseData().setResponses(List.of(topic));
    return ApiCodec.encodeResponse(ApiKeys.FETCH, VERSION, 42, response, allocator);
  }

  private static byte[] bytesOf(ResponseFrame frame) {
    ByteBuf bytes = frame.takeBytes();
    byte[] copy = new byte[bytes.readableBytes()];
    bytes.readBytes(copy);
    bytes.release();
    return copy;
  }
}
