package io.penstock.node.admin.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which hosts a request may name. */
class HostRuleTest {

  @Test
  void onLoopbackOnlyItsOwnNamesAreTakenWithAnyPort() {
    HostRule rule = HostRule.loopback("127.0.0.1");

    for (String own :
        List.of("localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:9094", "[::1]", "[::1]:1")) {
      assertTrue(rule.lets(List.of(own)), own);
    }
    for (String other :
        List.of(
            "",
            ":9094",
            "::1",
            "127.0.0.2",
            "localhost.example",
            "example:9094",
            "localhost:80:80",
            "localhost@example",
            "[::2]",
            "[::1].example",
            "127.0.0.1, example")) {
      assertFalse(rule.lets(List.of(other)), other);
    }
    assertFalse(rule.lets(List.of("localhost", "example")));
  }

  @Test
  void whatItsOperatorCallsItIsItsOwnNameToo() {
    assertTrue(HostRule.loopback("Node1").lets(List.of("node1:9094")));
    assertTrue(HostRule.loopback("127.0.1.1").lets(List.of("127.0.1.1:9094")));
    assertTrue(HostRule.loopback("0:0:0:0:0:0:0:1").lets(List.of("[0:0:0:0:0:0:0:1]:9094")));
    assertFalse(HostRule.loopback("node1").lets(List.of("node2")));
  }

  @Test
  void aRequestWithoutAHostIsOfNoBrowser() {
    assertTrue(HostRule.loopback("127.0.0.1").lets(List.of()));
  }

  @Test
  void elsewhereAnyNameIsTaken() {
    assertTrue(HostRule.any().lets(List.of("node1.example:9094")));
  }
}
