package io.penstock.cluster.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * One connection to one broker, a request at a time: for programs that ask a certain node, or are
 * so many clients that each cannot have threads of its own. Used by one thread.
 */
final class Calls implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private int correlation;

  /** Connects; an answer that takes longer than {@code answerMsMax} is an {@link IOException}. */
  Calls(String address, int answerMsMax) throws IOException {
    int colon = address.lastIndexOf(':');
    socket =
        new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(answerMsMax);
    in = new DataInputStream(socket.getInputStream());
  }

  /** Sends a request and waits for its answer. */
  <R extends AbstractResponse> R ask(AbstractRequest request, Class<R> type) throws IOException {
    RequestHeader header =
        new RequestHeader(request.apiKey(), request.version(), "bench", ++correlation);
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
