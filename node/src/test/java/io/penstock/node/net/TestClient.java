package io.penstock.node.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.MalformedFrameException;
import io.penstock.client.wire.ReceivedResponse;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** A blocking client of one connection that sends what it is told, be it nonsense. */
final class TestClient implements AutoCloseable {

  private static final int TIMEOUT_MS = 20_000;

  private final Socket socket;
  private final DataInputStream input;

  TestClient(InetSocketAddress address) throws IOException {
    this.socket = new Socket(address.getAddress(), address.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    this.input = new DataInputStream(socket.getInputStream());
  }

  static byte[] request(ApiKeys api, int version, int correlationId, ApiMessage request) {
    ByteBuf frame =
        ApiCodec.encodeRequest(
            api, (short) version, correlationId, "test", request, ByteBufAllocator.DEFAULT);
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    frame.release();
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  void send(byte[]... parts) throws IOException {
    socket.getOutputStream().write(join(parts));
  }

  byte[] readFrame() throws IOException {
    byte[] frame = new byte[input.readInt()];
    input.readFully(frame);
    return frame;
  }

  /** Reads the correlation id of the next response and skips the rest. */
  int readCorrelationId() throws IOException {
    return Unpooled.wrappedBuffer(readFrame()).readInt();
  }

  ReceivedResponse readResponse(ApiKeys api, int version)
      throws IOException, MalformedFrameException {
    return ApiCodec.decodeResponse(
        api, (short) version, Unpooled.wrappedBuffer(readFrame()), FrameLimits.responses());
  }

  /** Whether the server has closed the connection; waits for it to do something. */
  boolean isClosedByServer() throws IOException {
    try {
      return input.read() < 0;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
