package io.penstock.node.net;

import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the responses of one connection leave in the order of its requests, whatever the order in
 * which they are ready. A request without a response keeps its place until its turn, too. Belongs
 * to the connection's loop.
 */
final class ResponseOrderer {

  private @Nullable PendingRequest first;
  private @Nullable PendingRequest last;
  private int size;

  /** Requests that wait for their response, or for their turn. */
  int size() {
    return size;
  }

  void add(PendingRequest request) {
    PendingRequest before = last;
    if (before == null) {
      first = request;
    } else {
      before.next = request;
    }
    last = request;
    size++;
    if (before != null) {
      before.follow();
    }
  }

  /** Notes what is to be written for a request, null for nothing, and writes what has its turn. */
  void complete(PendingRequest request, @Nullable Object encoded, Consumer<Object> writer) {
    request.encoded = encoded;
    request.done = true;
    for (PendingRequest head = first; head != null && head.done; head = first) {
      removeFirst(head);
      Object message = head.encoded;
      head.encoded = null;
      if (message != null) {
        writer.accept(message);
      }
    }
  }

  /**
   * The connection is gone: drops what waits for its turn and tells the others. One that fails does
   * not keep the rest from being told; the first such failure is thrown in the end.
   */
  void abandon() {
    @Nullable RuntimeException failure = null;
    for (PendingRequest head = first; head != null; head = first) {
      removeFirst(head);
      Object encoded = head.encoded;
      head.encoded = null;
      try {
        ReferenceCountUtil.release(encoded);
        head.abandon();
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void removeFirst(PendingRequest head) {
    first = head.next;
    head.next = null;
    if (first == null) {
      last = null;
    }
    size--;
  }
}
