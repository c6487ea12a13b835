package io.penstock.node.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

/** A clock that is set by hand, and a logger that keeps its lines. */
final class RateLimitedLogTest {

  private static final long PERIOD_NS = 1_000;

  private final List<String> lines = new ArrayList<>();
  private final AtomicLong nowNs = new AtomicLong(-5_000); // nanoTime may well be negative
  private final RateLimitedLog log = new RateLimitedLog(recorder(), PERIOD_NS, nowNs::get);

  private Logger recorder() {
    return (Logger)
        Proxy.newProxyInstance(
            Logger.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (_, method, arguments) -> {
              if (!method.getName().equals("warn")) {
                throw new UnsupportedOperationException(method.getName());
              }
              String format = (String) arguments[0];
              Object[] values = (Object[]) arguments[1];
              lines.add(MessageFormatter.arrayFormat(format, values).getMessage());
              return null;
            });
  }

  @Test
  void logsTheFirstMessageAtOnce() {
    log.warn("peer={}", "a");

    assertEquals(List.of("peer=a leftOut=0"), lines);
  }

  @Test
  void leavesOutWhatComesWithinThePeriodAndSaysHowMuchThatWas() {
    log.warn("peer={}", "a");
    nowNs.addAndGet(PERIOD_NS - 1);
    log.warn("peer={}", "b");
    log.warn("peer={}", "c");
    nowNs.addAndGet(1);

    log.warn("peer={}", "d");

    assertEquals(List.of("peer=a leftOut=0", "peer=d leftOut=2"), lines);
  }

  @Test
  void countsWhatIsLeftOutAfreshAfterEachLine() {
    for (int i = 0; i < 3; i++) {
      log.warn("n={}", i);
      log.warn("n={} left out", i);
      nowNs.addAndGet(PERIOD_NS);
    }

    assertEquals(List.of("n=0 leftOut=0", "n=1 leftOut=1", "n=2 leftOut=1"), lines);
  }

  private static int leftOut(String line) {
    return Integer.parseInt(line.substring(line.lastIndexOf('=') + 1));
  }

  @Test
  void logsOneLineInAPeriodHoweverManyThreadsAsk() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        all.add(threads.submit(() -> log.warn("n={}", 1)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    nowNs.addAndGet(PERIOD_NS);

    log.warn("n={}", 2);

    assertEquals(2, lines.size());
    assertEquals(399, leftOut(lines.get(0)) + leftOut(lines.get(1)));
  }
}
