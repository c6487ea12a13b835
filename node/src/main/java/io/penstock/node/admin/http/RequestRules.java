package io.penstock.node.admin.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;

/** What a request must be like before anybody looks at what it asks for. Stateless. */
final class RequestRules {

  private static final String READ_ONLY = "GET, HEAD";

  private RequestRules() {}

  /** Why the request is not answered, or null. */
  static @Nullable Page refusal(HttpRequest request, HostRule hosts) {
    if (request.decoderResult().isFailure()) {
      return unreadable(request.decoderResult().cause());
    }
    HttpVersion version = request.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      return Page.line(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    if (!hosts.lets(request.headers().getAll(HttpHeaderNames.HOST))) {
      return Page.line(421, "on loopback only its own names are answered, such as localhost");
    }
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      return Page.line(405, "only GET and HEAD are answered here").with("Allow", READ_ONLY);
    }
    if (hasBody(request.headers())) {
      return Page.line(413, "no body is taken here");
    }
    if (!request.uri().startsWith("/")) {
      return Page.line(400, "the request has to name a path");
    }
    return null;
  }

  private static Page unreadable(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ -> Page.line(414, "the request line is too long");
      case TooLongHttpHeaderException _ -> Page.line(431, "the headers are too long");
      case null, default -> Page.line(400, "this is not HTTP");
    };
  }

  private static boolean hasBody(HttpHeaders headers) {
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        || headers.getAll(HttpHeaderNames.CONTENT_LENGTH).stream()
            .anyMatch(length -> !length.strip().equals("0"));
  }
}
