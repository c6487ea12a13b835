package io.penstock.node.peer;

import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How a request between nodes lies in Kafka's {@code ENVELOPE}. A request is {@code [id u8][version
 * u8][body]}, an answer {@code [status u8][body, or a message in UTF-8]}. Numbers are never used
 * again.
 */
final class PeerEnvelope {

  private static final int HEAD_BYTES = 2;
  private static final int MESSAGE_LENGTH_MAX = 2_000;

  /** Why a request was not served. */
  enum Status {
    FAILED(1, PeerException.Kind.FAILED),
    UNSUPPORTED(2, PeerException.Kind.UNSUPPORTED),
    REJECTED(3, PeerException.Kind.REJECTED),
    BUSY(4, PeerException.Kind.BUSY);

    private final int code;
    private final PeerException.Kind kind;

    Status(int code, PeerException.Kind kind) {
      this.code = code;
      this.kind = kind;
    }
  }

  private static final int SERVED = 0;

  /** A request as it came: what it asks for, in which version, and the rest. */
  static final class Request {
    private final int id;
    private final int version;
    private final byte[] body;

    private Request(int id, int version, byte[] body) {
      this.id = id;
      this.version = version;
      this.body = body;
    }

    int id() {
      return id;
    }

    int version() {
      return version;
    }

    /** Belongs to whoever takes it. */
    byte[] body() {
      return body;
    }
  }

  private PeerEnvelope() {}

  static ByteBuffer request(PeerApi api, byte[] body) {
    return ByteBuffer.allocate(HEAD_BYTES + body.length)
        .put((byte) api.id())
        .put((byte) api.version())
        .put(body)
        .flip();
  }

  /** Copies the request out of the frame; null where it is too short to be one. */
  static @Nullable Request readRequest(ByteBuffer data) {
    ByteBuffer rest = data.duplicate();
    if (rest.remaining() < HEAD_BYTES) {
      return null;
    }
    int id = rest.get() & 0xFF;
    int version = rest.get() & 0xFF;
    byte[] body = new byte[rest.remaining()];
    rest.get(body);
    return new Request(id, version, body);
  }

  static ByteBuffer answer(byte[] body) {
    return ByteBuffer.allocate(1 + body.length).put((byte) SERVED).put(body).flip();
  }

  static ByteBuffer failure(Status status, String message) {
    String shortened =
        message.length() > MESSAGE_LENGTH_MAX ? message.substring(0, MESSAGE_LENGTH_MAX) : message;
    byte[] text = shortened.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + text.length).put((byte) status.code).put(text).flip();
  }

  /** How a failure of a handler is told to the caller. */
  static Status statusOf(Throwable failure) {
    if (failure instanceof PeerException told) {
      return switch (told.kind()) {
        case UNSUPPORTED -> Status.UNSUPPORTED;
        case REJECTED -> Status.REJECTED;
        case BUSY -> Status.BUSY;
        // What became of requests that the handler made itself is no answer to its own caller.
        case REFUSED, UNREACHABLE, LOST, TIMEOUT, FAILED, CLOSED -> Status.FAILED;
      };
    }
    return Status.FAILED;
  }

  /** Copies the body out of an answer, or throws what the peer said instead. */
  static byte[] readAnswer(@Nullable ByteBuffer data) {
    if (data == null || !data.hasRemaining()) {
      throw new PeerException(PeerException.Kind.FAILED, "an answer without a status");
    }
    ByteBuffer rest = data.duplicate();
    int status = rest.get() & 0xFF;
    byte[] bytes = new byte[rest.remaining()];
    rest.get(bytes);
    if (status == SERVED) {
      return bytes;
    }
    String message =
        new String(
            Arrays.copyOf(bytes, Math.min(bytes.length, 4 * MESSAGE_LENGTH_MAX)),
            StandardCharsets.UTF_8);
    throw new PeerException(kindOf(status), message);
  }

  private static PeerException.Kind kindOf(int code) {
    for (Status status : Status.values()) {
      if (status.code == code) {
        return status.kind;
      }
    }
    return PeerException.Kind.FAILED;
  }
}
