package io.penstock.node.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Paths as clients write them, and as they should not. */
class RequestPathTest {

  @Test
  void decodesEachSegmentForItself() {
    assertEquals(List.of("api", "groups", "a/b"), RequestPath.segments("/api/groups/a%2Fb"));
    assertEquals(
        List.of("gr\u00fc\u00dfe \ud83d\ude00"),
        RequestPath.segments("/gr%C3%BC%C3%9fe%20%F0%9F%98%80"));
    assertEquals(List.of("a+b"), RequestPath.segments("/a+b"));
    assertEquals(List.of("%2e"), RequestPath.segments("/%252e"));
  }

  @Test
  void leavesTheQueryOut() {
    assertEquals(List.of("metrics"), RequestPath.segments("/metrics?name[]=%zz&x=/y"));
  }

  @Test
  void keepsEmptySegmentsAndDots() {
    assertEquals(List.of(""), RequestPath.segments("/"));
    assertEquals(List.of("api", "", "groups", ""), RequestPath.segments("/api//groups/"));
    assertEquals(
        List.of("..", "..", "etc", "passwd"), RequestPath.segments("/../%2e%2e/etc/passwd"));
  }

  @Test
  void refusesWhatIsNotEncodedAsAPath() {
    List<String> wrong =
        List.of(
            "",
            "metrics",
            "*",
            "http://host/metrics",
            "/%",
            "/%2",
            "/%zz",
            "/%2g",
            "/a%-1",
            "/%\uff11\uff11",
            "/%ff",
            "/%c3",
            "/%c0%af",
            "/%ed%a0%80",
            "/\u00fc",
            "/a b",
            "/a\u0000");

    for (String each : wrong) {
      assertNull(RequestPath.segments(each), each);
    }
  }
}
