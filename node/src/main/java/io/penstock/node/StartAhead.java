package io.penstock.node;

import io.penstock.storage.io.Disks;
import java.lang.management.ManagementFactory;
import org.slf4j.LoggerFactory;

/**
 * What every start needs and can be made before anything is known of the node: on a thread of its
 * own from the first moment, while the main thread reads the configuration and sets logging up.
 * Whoever needs a part before it is ready waits for it, as the JVM has it with classes.
 */
final class StartAhead {

  private StartAhead() {}

  static void begin() {
    Thread.ofPlatform().name("penstock-ahead").daemon().start(StartAhead::prepare);
  }

  private static void prepare() {
    try {
      Disks.prepare();
      // Ratis registers its groups there; the JDK's own beans take some 80 ms to make.
      var _ = ManagementFactory.getPlatformMBeanServer();
    } catch (LinkageError | RuntimeException e) {
      // The start meets the same, and says what it means.
      LoggerFactory.getLogger(StartAhead.class).debug("Nothing was prepared", e);
    }
  }
}
