package io.penstock.client.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Broker addresses as people write them. */
class EndpointTest {

  @Test
  void readsHostsWithAndWithoutPort() {
    assertEquals(new Endpoint("a.b", 1), Endpoint.parse(" a.b:1 "));
    assertEquals(new Endpoint("a.b", 9092), Endpoint.parse("a.b"));
    assertEquals(new Endpoint("::1", 5), Endpoint.parse("[::1]:5"));
    assertEquals(new Endpoint("::1", 9092), Endpoint.parse("[::1]"));
    assertEquals(
        List.of(new Endpoint("a", 1), new Endpoint("b", 2)), Endpoint.parseList("a:1,b:2"));
  }

  @Test
  void refusesWhatIsNoAddress() {
    for (String text : List.of("", ":1", "a:", "a:x", "a:0", "a:65536", "::1:5", "a:1,")) {
      assertThrows(IllegalArgumentException.class, () -> Endpoint.parseList(text), text);
    }
  }

  @Test
  void isPrintedAsItIsRead() {
    assertEquals("a:1", new Endpoint("a", 1).toString());
    assertEquals("[::1]:1", new Endpoint("::1", 1).toString());
  }
}
