package io.penstock.node;

import io.penstock.node.config.NodeConfig.Stall;
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

  /**
   * What a configuration comes to here.
   *
   * @return null for a process that may stand still for ever
   * @throws NodeStartException where the process cannot be ended so
   */
  @Nullable Duration of(@Nullable Stall stall) throws NodeStartException {
    if (stall == null || !(stall.always() || isStartedBySystemd())) {
      return null;
    }
    if (pid == FIRST) {
      throw new NodeStartException(
          "cluster.stall-timeout cannot be kept by process 1 of a container, which no signal of its"
              + " own ends; remedy: set it to off, or start the node below an init, such as"
              + " `docker run --init`");
    }
    LOG.info("May stand still for so long: ms={}", stall.timeout().toMillis());
    return stall.timeout();
  }

  private boolean isStartedBySystemd() {
    return Long.toString(pid).equals(environment.get(STARTED_BY_SYSTEMD));
  }
}
