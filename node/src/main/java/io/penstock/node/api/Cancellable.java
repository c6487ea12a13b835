package io.penstock.node.api;

/** Something that was scheduled and may be taken back. */
@FunctionalInterface
public interface Cancellable {

  /** Takes it back; nothing happens where it has run already or was cancelled before. */
  void cancel();
}
