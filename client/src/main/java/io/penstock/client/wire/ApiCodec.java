package io.penstock.client.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.penstock.client.wire.MalformedFrameException.Reason;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.utils.internals.ImplicitLinkedHashCollection;
import org.jspecify.annotations.Nullable;

/**
 * Frames to messages and back, for both ends of a connection. Stateless; safe on every thread.
 *
 * <p>Frames come in without their length field and go out with it. A buffer given to a decode
 * method belongs to the codec from then on: it is released on failure, and by closing the result
 * otherwise. Whatever bytes a frame holds, decoding returns a message or throws {@link
 * MalformedFrameException}, within {@link FrameLimits}.
 */
public final class ApiCodec {

  /** API key, version and correlation id. */
  private static final int REQUEST_HEAD_BYTES = 8;

  private static final ClassValue<Boolean> HAS_KEYED_COLLECTIONS =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> message) {
          for (Class<?> nested : message.getDeclaredClasses()) {
            if (ImplicitLinkedHashCollection.class.isAssignableFrom(nested)) {
              return true;
            }
          }
          return false;
        }
      };

  private ApiCodec() {}

  /** Reads the start of a request and leaves the buffer, which stays the caller's, as it is. */
  public static RequestHead peekRequest(ByteBuf frame) throws MalformedRequestException {
    if (frame.readableBytes() < REQUEST_HEAD_BYTES) {
      throw new MalformedRequestException(
          Reason.TRUNCATED, "a request of " + frame.readableBytes() + " bytes");
    }
    int start = frame.readerIndex();
    return new RequestHead(
        frame.getShort(start), frame.getShort(start + 2), frame.getInt(start + 4));
  }

  /** Decodes a request. Takes over the frame. */
  public static RequestFrame decodeRequest(ByteBuf frame, FrameLimits limits)
      throws MalformedRequestException {
    boolean decoded = false;
    try {
      RequestHead head = peekRequest(frame);
      ApiKeys api = decodableApi(head);
      short version = head.version();
      ApiMessage message = api.messageType.newRequest();
      RequestHeaderData header = new RequestHeaderData();
      DecodeBudget budget = new DecodeBudget(limits, HAS_KEYED_COLLECTIONS.get(message.getClass()));
      ByteBufReadable source = new ByteBufReadable(frame, budget);
      header.read(source, api.requestHeaderVersion(version));
      message.read(source, version);
      checkConsumed(frame);
      decoded = true;
      return new RequestFrame(
          api, version, head.correlationId(), header.clientId(), message, frame);
    } catch (RuntimeException e) {
      throw new MalformedRequestException(reasonOf(e), messageOf(e));
    } finally {
      if (!decoded) {
        frame.release();
      }
    }
  }

  /** Decodes a response to a request of this API and version. Takes over the frame. */
  public static ReceivedResponse decodeResponse(
      ApiKeys api, short version, ByteBuf frame, FrameLimits limits)
      throws MalformedFrameException {
    boolean decoded = false;
    try {
      ByteBufReadable source = new ByteBufReadable(frame, new DecodeBudget(limits, false));
      ResponseHeaderData header = new ResponseHeaderData();
      header.read(source, api.responseHeaderVersion(version));
      ApiMessage message = api.messageType.newResponse();
      message.read(source, version);
      checkConsumed(frame);
      decoded = true;
      return new ReceivedResponse(header.correlationId(), message, frame);
    } catch (RuntimeException e) {
      throw new MalformedFrameException(reasonOf(e), messageOf(e));
    } finally {
      if (!decoded) {
        frame.release();
      }
    }
  }

  /**
   * Encodes a response. File ranges in it belong to the frame afterwards; where encoding fails, for
   * a message that its version cannot express or for want of memory, they are released.
   */
  public static ResponseFrame encodeResponse(
      ApiKeys api,
      short version,
      int correlationId,
      ApiMessage response,
      ByteBufAllocator allocator) {
    ResponseHeaderData header = new ResponseHeaderData().setCorrelationId(correlationId);
    boolean encoded = false;
    try {
      ResponseFrame frame =
          encode(header, api.responseHeaderVersion(version), response, version, allocator);
      encoded = true;
      return frame;
    } finally {
      if (!encoded) { // also for want of memory, which is an Error
        WireRecords.release(response);
      }
    }
  }

  /**
   * Encodes a request. Record bytes in it are not copied: they must not change until the buffer has
   * been sent, or released.
   */
  public static ByteBuf encodeRequest(
      ApiKeys api,
      short version,
      int correlationId,
      @Nullable String clientId,
      ApiMessage request,
      ByteBufAllocator allocator) {
    RequestHeaderData header =
        new RequestHeaderData()
            .setRequestApiKey(api.id)
            .setRequestApiVersion(version)
            .setCorrelationId(correlationId)
            .setClientId(clientId);
    return encode(header, api.requestHeaderVersion(version), request, version, allocator)
        .takeBytes();
  }

  private static ResponseFrame encode(
      Message header,
      short headerVersion,
      Message body,
      short version,
      ByteBufAllocator allocator) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    MessageSizeAccumulator size = new MessageSizeAccumulator();
    header.addSize(size, cache, headerVersion);
    body.addSize(size, cache, version);
    int length = size.totalSize();
    if (length < 0 || size.sizeExcludingZeroCopy() < 0) {
      throw new IllegalArgumentException("a message of more than 2 GiB: " + body.getClass());
    }
    int inMemory = Math.addExact(Integer.BYTES, size.sizeExcludingZeroCopy());
    ByteBufWritable target = new ByteBufWritable(allocator.directBuffer(inMemory, inMemory));
    boolean finished = false;
    try {
      target.writeInt(length);
      header.write(target, cache, headerVersion);
      body.write(target, cache, version);
      ResponseFrame frame = new ResponseFrame(target.finish(), (long) Integer.BYTES + length);
      finished = true;
      return frame;
    } finally {
      if (!finished) {
        target.abandon();
      }
    }
  }

  private static ApiKeys decodableApi(RequestHead head) {
    ApiKeys api = head.api();
    if (api == null) {
      throw new DecodeFailure(Reason.UNKNOWN_API, "no API has the key " + head.apiKey());
    }
    if (!head.isDecodable()) {
      throw new DecodeFailure(
          Reason.UNSUPPORTED_VERSION, api.name + " has no version " + head.version());
    }
    return api;
  }

  private static void checkConsumed(ByteBuf frame) {
    if (frame.isReadable()) {
      throw new DecodeFailure(
          Reason.TRAILING_BYTES, frame.readableBytes() + " bytes after the end of the message");
    }
  }

  private static Reason reasonOf(RuntimeException e) {
    return e instanceof DecodeFailure failure ? failure.reason() : Reason.INVALID_VALUE;
  }

  private static String messageOf(RuntimeException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
