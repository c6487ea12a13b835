package io.penstock.replication.cluster;

/** Told of every new image, in order, one at a time, on an applier thread. Must not block. */
@FunctionalInterface
public interface ImageListener {

  void imageChanged(ClusterImage before, ClusterImage after);
}
