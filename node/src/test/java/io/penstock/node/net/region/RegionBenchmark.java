package io.penstock.node.net.region;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.WireRecords;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Measures from which size on a range is cheaper by {@code splice} than by {@code sendfile}: prints
 * the CPU time of the event loop and the rate, for one request in flight and a client that copies
 * what it receives, as consumers do. Run by hand: {@code RegionBenchmark [ranges per response]}.
 */
public final class RegionBenchmark {

  private static final int FILE_BYTES = 64 << 20;
  private static final long BYTES_PER_RUN = 1L << 30;
  private static final int RESPONSES_MAX = 20_000;
  private static final int ROUNDS = 5;
  private static final int WARM_UP_RUNS = 6;
  private static final PrintStream OUT = System.out;

  private final int rangesPerResponse;
  private final TestFile file;

  private RegionBenchmark(int rangesPerResponse, TestFile file) {
    this.rangesPerResponse = rangesPerResponse;
    this.file = file;
  }

  /** Runs all sizes. */
  public static void main(String[] arguments) throws Exception {
    int ranges = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
    Path path = Files.createTempFile("region", ".bench");
    try (TestFile file = new TestFile(path)) {
      file.write(new byte[FILE_BYTES], 0);
      RegionBenchmark benchmark = new RegionBenchmark(ranges, file);
      for (int i = 0; i < WARM_UP_RUNS; i++) {
        benchmark.run(16 * 1024, i % 2 == 0 ? 1 : Integer.MAX_VALUE);
      }
      OUT.println(
          "ranges=" + ranges + "  size KiB | sendfile CPU-s/GB GB/s | splice CPU-s/GB GB/s");
      for (int kib : new int[] {4, 16, 32, 64, 128, 256, 1024}) {
        double[][] sendfile = new double[ROUNDS][];
        double[][] splice = new double[ROUNDS][];
        for (int round = 0; round < ROUNDS; round++) {
          if (round % 2 == 0) {
            sendfile[round] = benchmark.run(kib * 1024, Integer.MAX_VALUE);
          }
          splice[round] = benchmark.run(kib * 1024, 1);
          if (round % 2 != 0) {
            sendfile[round] = benchmark.run(kib * 1024, Integer.MAX_VALUE);
          }
        }
        OUT.printf(
            "%8d | %.3f %.2f | %.3f %.2f%n",
            kib, median(sendfile, 0), median(sendfile, 1), median(splice, 0), median(splice, 1));
      }
    } finally {
      Files.delete(path);
    }
  }

  private static double median(double[][] runs, int column) {
    double[] values = Arrays.stream(runs).mapToDouble(run -> run[column]).sorted().toArray();
    return values[values.length / 2];
  }

  /**
   * One connection that asks again and again; CPU seconds of the loop for a GB, and GB a second.
   */
  private double[] run(int size, int spliceFromBytes) throws Exception {
    long responseBytes = (long) size * rangesPerResponse;
    int responses = (int) Math.min(RESPONSES_MAX, BYTES_PER_RUN / responseBytes);
    try (RegionSender sender = new RegionSender(spliceFromBytes, spliceFromBytes);
        MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory())) {
      Channel listening =
          new ServerBootstrap()
              .group(group)
              .channel(EpollServerSocketChannel.class)
              .childHandler(new Responder(sender, size))
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      long thread = group.next().submit(() -> Thread.currentThread().threadId()).get();
      try (Socket client = new Socket()) {
        client.connect((InetSocketAddress) listening.localAddress());
        client.setTcpNoDelay(true);
        exchange(client, responses / 4);
        long cpuNs = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
        long startNs = System.nanoTime();
        long bytes = exchange(client, responses);
        long wallNs = System.nanoTime() - startNs;
        long usedNs = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread) - cpuNs;
        return new double[] {(double) usedNs / bytes, (double) bytes / wallNs};
      }
    }
  }

  private static long exchange(Socket client, int responses) throws Exception {
    OutputStream output = client.getOutputStream();
    InputStream input = client.getInputStream();
    byte[] request = new byte[64];
    byte[] buffer = new byte[1 << 20];
    long total = 0;
    for (int i = 0; i < responses; i++) {
      output.write(request);
      int first = input.readNBytes(buffer, 0, 4);
      if (first < 4) {
        throw new IllegalStateException("closed");
      }
      int left = java.nio.ByteBuffer.wrap(buffer).getInt(0);
      total += left;
      while (left > 0) {
        int count = input.read(buffer, 0, Math.min(left, buffer.length));
        left -= count;
      }
    }
    return total;
  }

  private final class Responder extends ChannelInitializer<Channel> {
    private final RegionSender sender;
    private final int size;

    private Responder(RegionSender sender, int size) {
      this.sender = sender;
      this.size = size;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  ((ByteBuf) message).release();
                  ChannelFuture _ =
                      context.writeAndFlush(region(context.channel()), context.voidPromise());
                }
              });
    }

    private ResponseRegion region(Channel channel) {
      FetchResponseData.FetchableTopicResponse topic =
          new FetchResponseData.FetchableTopicResponse().setTopic("topic");
      for (int i = 0; i < rangesPerResponse; i++) {
        topic
            .partitions()
            .add(
                new FetchResponseData.PartitionData()
                    .setPartitionIndex(i)
                    .setRecords(
                        WireRecords.ofRange(
                            file.range((long) i * size % (FILE_BYTES - size), size))));
      }
      FetchResponseData response = new FetchResponseData().setResponses(List.of(topic));
      return new ResponseRegion(
          channel,
          sender,
          ApiCodec.encodeResponse(
              ApiKeys.FETCH, (short) 12, 1, response, PooledByteBufAllocator.DEFAULT),
          new RegionObserver() {
            @Override
            public void regionMoved(long bytes) {}

            @Override
            public void regionReleased(long bytes) {}
          });
    }
  }
}
