package io.penstock.storage.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * One open file, used by position only, from any thread. A closed file refuses every call, so that
 * it never reaches a descriptor that the kernel has given to another file; that nobody is inside a
 * call when it is closed is up to its owner (segments count their readers). After a failed {@link
 * #force} every further write and force fails: the kernel reports lost pages only once.
 */
public interface DiskFile extends AutoCloseable {

  /** The kernel's descriptor for {@code sendfile} and {@code splice}, or -1 where there is none. */
  int fd();

  /** The path under which the file was opened; it may have been renamed since. */
  Path path();

  long size() throws StorageException;

  /**
   * Fills {@code target} from its position to its limit, and advances it, or stops at the end of
   * the file; returns the bytes read, or -1 when {@code position} is at or behind the end.
   */
  int read(ByteBuffer target, long position) throws StorageException;

  /**
   * Writes what is between position and limit of the first {@code count} sources, one after
   * another, all of it or an exception. The buffers' positions stay as they are. After a failure
   * the range may hold a part of the bytes; the caller truncates or overwrites it.
   */
  void write(ByteBuffer[] sources, int count, long position) throws StorageException;

  /** Makes written bytes durable; {@code metadata} also times and the like, which costs more. */
  void force(boolean metadata) throws StorageException;

  /** Cuts or extends (with zeros) the file, and gives back what was allocated behind. */
  void truncate(long size) throws StorageException;

  /** Reserves space without changing the size; does nothing where that is not supported. */
  void allocate(long position, long length) throws StorageException;

  /** Whether the first and the last byte of a range are in memory; false also when unknown. */
  boolean isResident(long position, int length);

  /** Brings a range into memory; blocks on the disk. */
  void bringIn(long position, int length) throws StorageException;

  /** Tells the kernel that a range is not needed in memory any longer. */
  void dropBehind(long position, long length);

  /**
   * Maps the first {@code size} bytes until {@code arena} closes. The file must have that many
   * bytes and must not be cut below them while it is mapped.
   */
  MemorySegment map(long size, boolean writable, Arena arena) throws StorageException;

  /** Copies a range to a channel; returns the bytes that the channel took. Fallback only. */
  long transferTo(long position, long count, WritableByteChannel target) throws StorageException;

  @Override
  void close() throws StorageException;
}
