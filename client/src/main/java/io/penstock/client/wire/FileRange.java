package io.penstock.client.wire;

/**
 * Bytes of an open file that a response sends without reading them: what {@code sendfile} takes.
 * Whoever holds a range calls {@link #release()} exactly once; until then the file stays open. Its
 * bytes are never written again nor cut off, also after the release: a socket that has taken them
 * holds the file's pages and not a copy, and sends them as they are when they leave. The codec
 * hands ranges through and looks at their size only.
 */
public interface FileRange {

  /** The kernel's file descriptor, or -1 where the file has none. */
  int fd();

  long position();

  int size();

  void release();
}
