package io.penstock.replication.follower;

/**
 * Keeps what all replicas on their way into the ISR take together below a rate: a bucket of one
 * second's bytes. What was taken beyond it is paid back before more is asked for. Guarded by
 * itself; told the time by its callers.
 */
final class CatchUpThrottle {

  private static final int ASK_BYTES_MIN = 64 << 10;
  private static final long SECOND_MS = 1_000;

  private final long bytesPerSecond;
  private double bucket;
  private long filledMs;
  private boolean begun;

  CatchUpThrottle(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
    this.bucket = bytesPerSecond;
  }

  /** How long to wait before something may be asked for; 0 where it may be now. */
  synchronized long waitMs(long nowMs) {
    if (isUnlimited()) {
      return 0;
    }
    fill(nowMs);
    return bucket >= 1 ? 0 : 1 + (long) ((1 - bucket) * SECOND_MS / bytesPerSecond);
  }

  /** How many bytes to ask for at most. */
  synchronized int allowance(int bytesMax) {
    if (isUnlimited()) {
      return bytesMax;
    }
    return Math.clamp((long) bucket, Math.min(ASK_BYTES_MIN, bytesMax), bytesMax);
  }

  synchronized void took(long bytes) {
    if (!isUnlimited()) {
      bucket -= bytes;
    }
  }

  private boolean isUnlimited() {
    return bytesPerSecond == Long.MAX_VALUE;
  }

  private void fill(long nowMs) {
    if (begun) {
      double gained = (double) (nowMs - filledMs) * bytesPerSecond / SECOND_MS;
      bucket = Math.min((double) bytesPerSecond, bucket + gained);
    }
    begun = true;
    filledMs = nowMs;
  }
}
