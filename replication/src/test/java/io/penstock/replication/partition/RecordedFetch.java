package io.penstock.replication.partition;

/** A fetch waiter that wants so many bytes, and counts how often it was run. */
final class RecordedFetch implements FetchWaiter {

  private final WakeTarget home = TestLoop.here();
  private long missing;
  private boolean woken;
  int runs;

  RecordedFetch(long wantedBytes) {
    this.missing = wantedBytes;
  }

  @Override
  public WakeTarget home() {
    return home;
  }

  @Override
  public boolean bytesAvailable(long bytes) {
    missing -= bytes;
    return missing <= 0 && wake();
  }

  @Override
  public boolean disturbed() {
    return wake();
  }

  private boolean wake() {
    boolean first = !woken;
    woken = true;
    return first;
  }

  @Override
  public void run() {
    runs++;
  }
}
