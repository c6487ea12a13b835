package io.penstock.node.peer;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ConnectionInfo;
import io.penstock.node.api.RequestContext;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.IntroductionCodec;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.UnknownFormatException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests between nodes out of their envelopes and brings them to their handlers. The first
 * one of a connection introduces the caller; whoever asks for anything before that, or sends what
 * no node sends, is cut off. On the event loops of the listener for peers.
 */
final class EnvelopeHandler implements ApiHandler {

  private static final Logger LOG = LoggerFactory.getLogger(EnvelopeHandler.class);

  private final PeerHandlers handlers;
  private final PeerGate gate;
  private final PeerWatcher watcher;
  private final MetricRegistry metrics;
  private final RefusalLog log = new RefusalLog(LOG, System::nanoTime);

  EnvelopeHandler(
      PeerHandlers handlers, PeerGate gate, PeerWatcher watcher, MetricRegistry metrics) {
    this.handlers = handlers;
    this.gate = gate;
    this.watcher = watcher;
    this.metrics = metrics;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.ENVELOPE;
  }

  @Override
  public short lowestVersion() {
    return 0;
  }

  @Override
  public short highestVersion() {
    return 0;
  }

  @Override
  public void handle(RequestContext context, ApiMessage message) {
    PeerEnvelope.Request request =
        PeerEnvelope.readRequest(((EnvelopeRequestData) message).requestData());
    if (request == null) {
      context.closeConnection("empty-envelope");
      return;
    }
    PeerApi api = PeerApi.ofId(request.id());
    if (api == PeerApi.HELLO) {
      hello(context, request);
    } else if (context.connection().attachment() instanceof PeerSession session) {
      session.heard();
      serve(context, session, api, request);
    } else {
      context.closeConnection("no-introduction");
    }
  }

  private void hello(RequestContext context, PeerEnvelope.Request request) {
    if (isUnknown(PeerApi.HELLO, request.version())) {
      respond(context, unknown(request));
      return;
    }
    Introduction peer;
    try {
      peer = IntroductionCodec.decode(request.body());
    } catch (UnknownFormatException e) {
      log.warn("Refused a peer", host(context.connection()), String.valueOf(e.getMessage()));
      respond(
          context,
          PeerEnvelope.failure(
              PeerEnvelope.Status.REJECTED,
              "this is no introduction that is known here: " + e.getMessage()));
      return;
    }
    ConnectionInfo connection = context.connection();
    boolean known = connection.attachment() instanceof PeerSession;
    String objection = known ? gate.objection(peer) : gate.admit(peer);
    if (objection != null) {
      metrics.meter("penstock.peer.rejected").mark();
      log.warn("Refused a peer", host(connection), objection);
      respond(context, PeerEnvelope.failure(PeerEnvelope.Status.REJECTED, objection));
      return;
    }
    if (!known) {
      connection.attach(new PeerSession(peer, gate, watcher));
    }
    respond(context, PeerEnvelope.answer(IntroductionCodec.encode(gate.self())));
  }

  /** Without the port, which is another one each time. */
  private static Object host(ConnectionInfo connection) {
    return connection.remoteAddress() instanceof InetSocketAddress address
        ? address.getAddress()
        : connection.remoteAddress();
  }

  private void serve(
      RequestContext context,
      PeerSession session,
      @Nullable PeerApi api,
      PeerEnvelope.Request request) {
    if (api == null || isUnknown(api, request.version())) {
      respond(context, unknown(request));
      return;
    }
    PeerHandler handler = handlers.find(api);
    if (handler == null) {
      respond(
          context,
          PeerEnvelope.failure(
              PeerEnvelope.Status.BUSY,
              "node " + gate.self().nodeId() + " does not serve " + api + " yet"));
      return;
    }
    long startNs = System.nanoTime();
    var _ =
        answer(handler, session, request)
            .whenComplete((body, failure) -> {
              metrics
                  .timer("penstock.peer.served." + api)
                  .update(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
              respond(context, failure == null ? answer(body) : failure(session, api, failure));
            });
  }

  private static CompletionStage<byte[]> answer(
      PeerHandler handler, PeerSession session, PeerEnvelope.Request request) {
    try {
      return handler.handle(session.caller(), request.body());
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static ByteBuffer answer(byte[] body) {
    return body.length <= PeerNetwork.BODY_BYTES_MAX
        ? PeerEnvelope.answer(body)
        : PeerEnvelope.failure(
            PeerEnvelope.Status.FAILED, "the answer would have " + body.length + " bytes");
  }

  private ByteBuffer failure(PeerSession session, PeerApi api, Throwable failure) {
    Throwable cause = failure.getCause();
    Throwable told = failure instanceof CompletionException && cause != null ? cause : failure;
    metrics.meter("penstock.peer.failures").mark();
    if (!(told instanceof PeerException)) {
      log.warn("A request of a peer failed", session.caller(), api + ": " + told);
      LOG.debug("Stack of the failed request", told);
    }
    String message =
        told instanceof PeerException ? String.valueOf(told.getMessage()) : told.toString();
    return PeerEnvelope.failure(PeerEnvelope.statusOf(told), message);
  }

  private static boolean isUnknown(PeerApi api, int version) {
    return version < api.lowestVersion() || version > api.version();
  }

  private static ByteBuffer unknown(PeerEnvelope.Request request) {
    return PeerEnvelope.failure(
        PeerEnvelope.Status.UNSUPPORTED,
        "this node does not know request " + request.id() + " in version " + request.version());
  }

  private static void respond(RequestContext context, ByteBuffer data) {
    context.respond(
        new EnvelopeResponseData().setErrorCode(Errors.NONE.code()).setResponseData(data));
  }
}
