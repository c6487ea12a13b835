package io.penstock.node.net.region;

/** Follows the regions of one connection; called on its event loop. */
public interface RegionObserver {

  /** So many bytes were taken by the socket; may be 0. */
  void regionMoved(long bytes);

  /** A region of this size, sent or given up, holds nothing any longer. */
  void regionReleased(long size);
}
