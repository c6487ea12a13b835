package io.penstock.cluster.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That an {@link OffsetWatch} which sees nothing is noticed. */
@Timeout(60)
class OffsetWatchTest {

  @Test
  void watchThatADefectEndsIsReported() {
    Admin broken =
        (Admin)
            Proxy.newProxyInstance(
                Admin.class.getClassLoader(),
                new Class<?>[] {Admin.class},
                (_, _, _) -> {
                  throw new IllegalStateException("as the test says");
                });
    LiveGroup group = new LiveGroup("nowhere:1", "fed", 1, Protocol.EAGER);

    try (OffsetWatch _ = OffsetWatch.start(broken, List.of(group))) {
      Awaitility.await()
          .dontCatchUncaughtExceptions() // the watch ends by one
          .untilAsserted(() -> assertEquals(1, group.ledger().wrong().size()));
    }
  }
}
