package io.penstock.replication.value;

import java.io.IOException;

/**
 * Everything that hosting a group has to know about it: its rules, and the form of its commands,
 * images and results in bytes. Implementations are pure and hold no state.
 *
 * <p>The decoders throw {@link UnknownFormatException} where a newer version wrote the bytes or
 * where they are damaged.
 *
 * @param <I> image
 * @param <C> command
 * @param <R> result
 */
public interface GroupRules<I, C, R> {

  /** The image before the first command. */
  I emptyImage();

  Applied<I, ?, R> apply(I image, C command);

  byte[] encodeCommand(C command);

  C decodeCommand(byte[] bytes);

  /** A result on its way to the node that asked; it is never stored. */
  byte[] encodeResult(R result);

  R decodeResult(byte[] bytes);

  void writeImage(I image, CompactOutput out) throws IOException;

  I readImage(CompactInput in) throws IOException;
}
