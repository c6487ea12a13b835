package io.penstock.cluster.wire;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * One connection to one node, one request at a time: what it answers is what that node knows, where
 * Kafka's clients would ask any of them. Has no thread of its own, so that there can be very many.
 * Used by one thread.
 */
public final class NodeClient implements AutoCloseable {
  private static final int CONNECT_MS_MAX = 2_000;

  private final Socket socket = new Socket();
  private final String clientId;
  private final DataInputStream in;
  private int correlation;

  /** Connects; an answer that takes longer than {@code answerMsMax} is an {@link IOException}. */
  public NodeClient(String host, int port, String clientId, int answerMsMax) throws IOException {
    this.clientId = clientId;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(answerMsMax);
    socket.connect(new InetSocketAddress(host, port), CONNECT_MS_MAX);
    in = new DataInputStream(socket.getInputStream());
  }

  /** The same for an address as in {@code bootstrap.servers}, of a program that measures. */
  public static NodeClient at(String address, int answerMsMax) throws IOException {
    int colon = address.lastIndexOf(':');
    int port = Integer.parseInt(address.substring(colon + 1));
    return new NodeClient(address.substring(0, colon), port, "bench", answerMsMax);
  }

  /** Sends a request and waits for its answer. */
  public <R extends AbstractResponse> R ask(AbstractRequest request, Class<R> type)
      throws IOException {
    RequestHeader header =
        new RequestHeader(request.apiKey(), request.version(), clientId, ++correlation);
    ByteBuffer body = request.serializeWithHeader(header);
    ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + body.remaining());
    frame.putInt(body.remaining()).put(body);
    socket.getOutputStream().write(frame.array());
    byte[] answer = new byte[in.readInt()];
    in.readFully(answer);
    return type.cast(AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
