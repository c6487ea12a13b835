package io.penstock.storage.log;

/**
 * Writes down which logs of a data directory may have gaps, or a recovery would cut them at the
 * first one.
 */
public interface GapNotes {
  /**
   * Has it written down soon that the log, which says so itself by now, may have gaps. Does not
   * wait; called under the writer's monitor.
   *
   * @param written run when it is, by another thread and without a lock of the log; never while it
   *     cannot be
   */
  void ask(Runnable written);
}
