package io.penstock.node.cold;

/**
 * Bounds of the cold path.
 *
 * @param threads how many ranges are read from disks at a time
 * @param queueMax how many more may wait; beyond it, requests try again a little later
 * @param scansMax how many readers are watched for going from front to back
 */
public record ColdReadSettings(int threads, int queueMax, int scansMax) {

  public ColdReadSettings {
    if (threads < 1 || queueMax < 1 || scansMax < 1) {
      throw new IllegalArgumentException("every bound must be positive");
    }
  }

  public static ColdReadSettings defaults() {
    return new ColdReadSettings(4, 256, 1024);
  }
}
