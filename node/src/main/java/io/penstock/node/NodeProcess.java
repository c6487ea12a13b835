package io.penstock.node;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a node as a process: starts it, says so, and stops it in order on SIGTERM or SIGINT. The
 * exit code tells whether it stopped in order (0) or not (1); the JVM alone would say 143.
 */
final class NodeProcess {

  private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);
  private static final int FAILED = 1;
  private static final long CLOSE_SECONDS_MAX = 30;

  private final NodeConfig config;
  private final boolean tellsStates;
  private final AtomicBoolean halting = new AtomicBoolean();

  NodeProcess(NodeConfig config) {
    this(config, false);
  }

  /**
   * Starts nothing yet.
   *
   * @param tellsStates whether its output has a line {@code state …} for each change of state, for
   *     the process that started this one
   */
  NodeProcess(NodeConfig config, boolean tellsStates) {
    this.config = config;
    this.tellsStates = tellsStates;
  }

  /** Returns only where the start fails, with the exit code. */
  int run(PrintStream out, PrintStream err) {
    Node node = new Node(config, new MetricRegistry(), this::halt, state -> tell(out, state));
    StallTimer stalls;
    try {
      stalls = stallTimer();
      node.start();
    } catch (NodeStartException e) {
      LOG.debug("Start failed", e);
      err.println("penstock: " + e.getMessage());
      return FAILED;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().name("penstock-stop").unstarted(() -> stop(node, stalls)));
    arm(stalls);
    announce(node, out);
    waitForEver();
    return FAILED;
  }

  private @Nullable StallTimer stallTimer() throws NodeStartException {
    StallLimit limit = new StallLimit(ProcessHandle.current().pid(), System.getenv());
    return limit.keep(config.cluster().stall(), StallTimer::new);
  }

  private void arm(@Nullable StallTimer stalls) {
    if (stalls != null) {
      try {
        stalls.arm();
      } catch (IOException e) {
        halt("the timer of cluster.stall-timeout does not run", e);
      }
    }
  }

  private void tell(PrintStream out, String state) {
    if (tellsStates) {
      out.println("state " + state);
      out.flush();
    }
  }

  private void announce(Node node, PrintStream out) {
    node.bootstrap()
        .ifPresentOrElse(
            address -> out.println("bootstrap " + address),
            () -> out.println("no broker, peers at " + node.peerListener()));
    out.println("data " + config.data().directories().getFirst().toAbsolutePath().normalize());
    node.adminAddress().ifPresent(address -> out.println("admin http://" + address));
    node.bootstrap().ifPresent(address -> out.println(example(address)));
    out.flush();
  }

  private static String example(HostPort broker) {
    return "try: echo hello | kcat -b "
        + broker
        + " -t greetings -P && kcat -b "
        + broker
        + " -t greetings -C -e";
  }

  private void stop(Node node, @Nullable StallTimer stalls) {
    Thread.ofPlatform().name("penstock-stop-limit").daemon().start(this::haltWhenTooSlow);
    int code = 0;
    if (stalls != null) {
      stalls.close();
    }
    try {
      node.close();
    } catch (IOException | RuntimeException e) {
      LOG.error("The node did not stop in order", e);
      code = FAILED;
    }
    if (halting.compareAndSet(false, true)) {
      Runtime.getRuntime().halt(code);
    }
  }

  private void haltWhenTooSlow() {
    try {
      if (!new CountDownLatch(1).await(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
          && halting.compareAndSet(false, true)) {
        LOG.error("Stopping takes longer than {} s, giving up", CLOSE_SECONDS_MAX);
        Runtime.getRuntime().halt(FAILED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nothing is closed in order: what is on disk is safe, and what is in memory is in doubt. */
  private void halt(String reason, Throwable cause) {
    if (halting.compareAndSet(false, true)) {
      LOG.error("The process ends now: {}", reason, cause);
      Runtime.getRuntime().halt(FAILED);
    }
  }

  private static void waitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
