package io.penstock.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.util.NetUtil;
import io.penstock.client.net.BrokerConnectionException.Kind;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.ReceivedResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Opens one connection: resolves the name (never on an event loop), connects, and asks for the
 * broker's API versions, once more in an older version where the broker does not know ours. A
 * connection that nobody waits for any more is closed again. Used once.
 */
final class ConnectionOpener {

  private static final String SOFTWARE_NAME = "penstock";
  private static final String SOFTWARE_VERSION = softwareVersion();

  private final ClientTransport transport;
  private final Endpoint endpoint;
  private final ConnectionSettings settings;
  private final CompletableFuture<BrokerConnection> opened = new CompletableFuture<>();
  private int correlationId;

  ConnectionOpener(ClientTransport transport, Endpoint endpoint, ConnectionSettings settings) {
    this.transport = transport;
    this.endpoint = endpoint;
    this.settings = settings;
  }

  CompletableFuture<BrokerConnection> open() {
    var unused = resolve().thenAccept(this::connect).exceptionally(this::fail);
    return opened;
  }

  private CompletableFuture<InetSocketAddress> resolve() {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(endpoint.host());
    if (literal != null) {
      return CompletableFuture.completedFuture(address(literal));
    }
    return CompletableFuture.supplyAsync(() -> {
      try {
        return new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port());
      } catch (UnknownHostException e) {
        throw new CompletionException(
            unreachable("the host name cannot be resolved; check the address", e));
      }
    });
  }

  private InetSocketAddress address(byte[] literal) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(literal), endpoint.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("Netty made an address of " + literal.length + " bytes", e);
    }
  }

  private void connect(InetSocketAddress address) {
    Bootstrap bootstrap =
        transport.bootstrap(
            settings.connectTimeoutMs(),
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new FrameAssembler(settings.frameBytesMax()))
                    .addLast(new PendingRequests(endpoint, settings.limits()));
              }
            });
    var connecting = bootstrap.connect(address);
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        fail(unreachable("is a broker running there?", done.cause()));
        return;
      }
      Channel channel = connecting.channel();
      var unusedWaiter =
          opened.whenComplete((connection, failure) -> {
            if (failure != null) {
              var unused = channel.close();
            }
          });
      askForVersions(channel, ApiKeys.API_VERSIONS.latestVersion(false));
    });
  }

  private void askForVersions(Channel channel, short version) {
    ChannelHandlerContext context = channel.pipeline().context(PendingRequests.class);
    if (context == null) {
      fail(new BrokerConnectionException(Kind.CLOSED, "the connection to " + endpoint + " closed"));
      return;
    }
    ApiVersionsRequestData request = new ApiVersionsRequestData();
    if (version >= 3) {
      request.setClientSoftwareName(SOFTWARE_NAME).setClientSoftwareVersion(SOFTWARE_VERSION);
    }
    int id = correlationId++;
    ByteBuf frame =
        ApiCodec.encodeRequest(
            ApiKeys.API_VERSIONS, version, id, settings.clientId(), request, channel.alloc());
    long deadlineNs =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.requestTimeoutMs());
    CompletableFuture<ReceivedResponse> answer = new CompletableFuture<>();
    PendingRequests pending = (PendingRequests) context.handler();
    // Nothing else is in flight yet, so there is a place.
    pending.reserve(settings.inFlightMax());
    pending.send(
        context, frame, new PendingRequest(ApiKeys.API_VERSIONS, version, id, deadlineNs, answer));
    var unused =
        answer
            .thenAccept(response -> takeVersions(channel, version, response))
            .exceptionally(this::fail);
  }

  private void takeVersions(Channel channel, short version, ReceivedResponse response) {
    ApiVersionsResponseData versions;
    try (response) {
      versions = (ApiVersionsResponseData) response.message();
    }
    ApiVersionRanges ranges = ApiVersionRanges.of(versions);
    Errors error = Errors.forCode(versions.errorCode());
    if (error == Errors.NONE) {
      if (!opened.complete(
          new BrokerConnection(endpoint, settings, channel, ranges, correlationId))) {
        var unused = channel.close();
      }
      return;
    }
    int older = ranges.highestCommon(ApiKeys.API_VERSIONS).orElse(0);
    if (error == Errors.UNSUPPORTED_VERSION && older < version) {
      askForVersions(channel, (short) older);
      return;
    }
    fail(
        new BrokerConnectionException(
            Kind.UNSUPPORTED, endpoint + " refused to name its API versions: " + error.message()));
  }

  private BrokerConnectionException unreachable(String remedy, Throwable cause) {
    return new BrokerConnectionException(
        Kind.UNREACHABLE, "cannot connect to " + endpoint + ": " + remedy, cause);
  }

  private Void fail(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    opened.completeExceptionally(cause);
    return null;
  }

  /** Brokers refuse a version with other characters than these. */
  private static String softwareVersion() {
    String version = ConnectionOpener.class.getPackage().getImplementationVersion();
    return version == null || !version.matches("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?")
        ? "0"
        : version;
  }
}
