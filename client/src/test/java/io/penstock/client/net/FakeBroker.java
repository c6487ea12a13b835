package io.penstock.client.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.RequestFrame;
import io.penstock.client.wire.RequestHead;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A broker on a loopback port that answers as the test tells it: by API, with a message, later,
 * with nonsense or not at all. Speaks ApiVersions by itself, up to a version that can be lowered.
 */
public final class FakeBroker implements AutoCloseable {

  /** One request and the means to answer it. */
  public static final class Exchange {
    private final Channel channel;
    private final RequestHead head;
    private final ApiMessage request;
    private final ApiKeys api;

    Exchange(Channel channel, RequestFrame frame) {
      this.channel = channel;
      this.api = frame.api();
      this.head = new RequestHead(frame.api().id, frame.version(), frame.correlationId());
      this.request = frame.message();
    }

    public ApiKeys api() {
      return api;
    }

    public short version() {
      return head.version();
    }

    public ApiMessage request() {
      return request;
    }

    public void answer(ApiMessage response) {
      answer(head.correlationId(), head.version(), response);
    }

    void answer(int correlationId, short version, ApiMessage response) {
      var unused =
          channel.writeAndFlush(
              ApiCodec.encodeResponse(api, version, correlationId, response, channel.alloc())
                  .takeBytes());
    }

    void answerBytes(byte... bytes) {
      var unused = channel.writeAndFlush(channel.alloc().buffer().writeBytes(bytes));
    }

    int correlationId() {
      return head.correlationId();
    }

    public void hangUp() {
      var unused = channel.close();
    }
  }

  /** What the test wants done with a request. */
  public interface Handler {
    void handle(Exchange exchange);
  }

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<ApiKeys, Handler> handlers = new ConcurrentHashMap<>();
  private final Map<ApiKeys, Short> highestVersions = new ConcurrentHashMap<>();
  private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
  private final List<Channel> connections = new CopyOnWriteArrayList<>();
  private final Channel listener;

  public FakeBroker() {
    on(ApiKeys.API_VERSIONS, e -> e.answer(versions()));
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.add(channel);
                    channel
                        .pipeline()
                        .addLast(new LengthFieldBasedFrameDecoder(1 << 20, 0, 4, 0, 4))
                        .addLast(new Requests());
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  public Endpoint endpoint() {
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    return new Endpoint("127.0.0.1", address.getPort());
  }

  public FakeBroker on(ApiKeys api, Handler handler) {
    handlers.put(api, handler);
    return this;
  }

  public FakeBroker on(ApiKeys api, int highestVersion, Handler handler) {
    highestVersions.put(api, (short) highestVersion);
    return on(api, handler);
  }

  FakeBroker speaksApiVersionsUpTo(int version) {
    highestVersions.put(ApiKeys.API_VERSIONS, (short) version);
    return this;
  }

  public List<Exchange> exchanges(ApiKeys api) {
    return exchanges.stream().filter(e -> e.api() == api).toList();
  }

  int connectionsSeen() {
    return connections.size();
  }

  void hangUpOnAll() {
    closeConnections();
  }

  @Override
  public void close() {
    if (loops.isShuttingDown()) {
      return;
    }
    listener.close().syncUninterruptibly();
    closeConnections();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void closeConnections() {
    for (Channel connection : connections) {
      var unused = connection.close();
    }
  }

  private ApiVersionsResponseData versions() {
    ApiVersionsResponseData response = new ApiVersionsResponseData();
    for (ApiKeys api : handlers.keySet()) {
      response
          .apiKeys()
          .add(
              new ApiVersion()
                  .setApiKey(api.id)
                  .setMinVersion(api.oldestVersion())
                  .setMaxVersion(highest(api)));
    }
    return response;
  }

  private short highest(ApiKeys api) {
    return highestVersions.getOrDefault(api, api.latestVersion(false));
  }

  private final class Requests extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      ByteBuf bytes = (ByteBuf) message;
      RequestHead head = ApiCodec.peekRequest(bytes);
      boolean asksForVersions = head.apiKey() == ApiKeys.API_VERSIONS.id;
      try (RequestFrame frame = ApiCodec.decodeRequest(bytes, FrameLimits.requests())) {
        Exchange exchange = new Exchange(context.channel(), frame);
        exchanges.add(exchange);
        if (asksForVersions && head.version() > highest(ApiKeys.API_VERSIONS)) {
          exchange.answer(
              head.correlationId(),
              (short) 0,
              versions().setErrorCode(Errors.UNSUPPORTED_VERSION.code()));
          return;
        }
        handlers.getOrDefault(frame.api(), Exchange::hangUp).handle(exchange);
      }
    }
  }
}
