package io.penstock.node;

import io.penstock.node.config.NodeConfig.Stall;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long this process may stand still. One that ends for that has to be started again by
 * somebody; systemd does so, and tells the process that it starts its own id in {@code
 * SYSTEMD_EXEC_PID} (systemd.exec(5), since version 248), which no process below it has.
 */
final class StallLimit {

  private static final Logger LOG = LoggerFactory.getLogger(StallLimit.class);
  private static final String STARTED_BY_SYSTEMD = "SYSTEMD_EXEC_PID";

  /** The first process of a container takes no signal of its own, SIGKILL neither: signal(7). */
  private static final long FIRST = 1;

  private final long pid;
  private final Map<String, String> environment;

  /** That of a process with this id and environment. */
  StallLimit(long pid, Map<String, String> environment) {
    this.pid = pid;
    this.environment = Map.copyOf(environment);
  }

  /** What keeps a process to a limit, such as a timer of the kernel. */
  interface Keeper<T> {
    T keep(Duration timeout) throws IOException;
  }

  /**
   * Has a configuration kept here. Where it cannot be, the start fails if an operator asked for it;
   * if nobody did, the process goes without.
   *
   * @return null for a process that may stand still for ever
   * @throws NodeStartException with what to do
   */
  <T> @Nullable T keep(@Nullable Stall stall, Keeper<T> keeper) throws NodeStartException {
    if (stall == null || !(stall.always() || isStartedBySystemd())) {
      return null;
    }
    if (pid == FIRST) {
      throw new NodeStartException(
          "cluster.stall-timeout cannot be kept by process 1 of a container, which no signal of its"
              + " own ends; remedy: set it to off, or start the node below an init, such as"
              + " `docker run --init`");
    }
    try {
      T kept = keeper.keep(stall.timeout());
      LOG.info("May stand still for so long: ms={}", stall.timeout().toMillis());
      return kept;
    } catch (IOException | LinkageError e) {
      Throwable cause = e instanceof ExceptionInInitializerError ? e.getCause() : e;
      String problem =
          "cluster.stall-timeout cannot be kept here ("
              + cause
              + "); remedy: set it to off, or use Linux with glibc 2.34 or newer";
      if (stall.always()) {
        throw new NodeStartException(problem, e);
      }
      LOG.warn("{}", problem);
      return null;
    }
  }

  private boolean isStartedBySystemd() {
    return Long.toString(pid).equals(environment.get(STARTED_BY_SYSTEMD));
  }
}
