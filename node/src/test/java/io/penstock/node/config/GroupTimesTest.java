package io.penstock.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is in force of a group's own times, and which ones are taken. */
class GroupTimesTest {

  private static final String SESSION = "consumer.session.timeout.ms";
  private static final String HEARTBEAT = "consumer.heartbeat.interval.ms";

  @Test
  void aHeartbeatIsNeverMoreThanHalfOfASession() throws Exception {
    Map<String, String> own = Map.of(SESSION, "60000", HEARTBEAT, "15000");
    GroupTimes asSet = times("consumer-session-timeout: 15s");
    GroupTimes closer = times("consumer-session-timeout: 15s, consumer-session-timeout-max: 15s");

    assertEquals(List.of(), asSet.problems(own));
    assertEquals(60_000, asSet.session().inForceMs(own));
    assertEquals(15_000, asSet.heartbeat().inForceMs(own));
    assertEquals(15_000, closer.session().inForceMs(own));
    assertEquals(7_500, closer.heartbeat().inForceMs(own));
  }

  @Test
  void aSessionThatIsTooShortForTheHeartbeatOfTheNodeIsRefused() throws Exception {
    GroupTimes times = times("consumer-session-timeout-min: 1s");

    assertEquals(List.of(), times.problems(Map.of(SESSION, "10000")));
    assertEquals(
        List.of(HEARTBEAT + " has to be at most half of " + SESSION),
        times.problems(Map.of(SESSION, "9999")));
    assertEquals(4_999, times.heartbeat().inForceMs(Map.of(SESSION, "9999")));
  }

  @Test
  void aHeartbeatOfMoreThanHalfASessionIsRefused() throws Exception {
    GroupTimes times = times("consumer-session-timeout-min: 1s");

    assertEquals(List.of(), times.problems(Map.of(SESSION, "20000", HEARTBEAT, "10000")));
    assertEquals(
        List.of(HEARTBEAT + " has to be at most half of " + SESSION),
        times.problems(Map.of(SESSION, "20000", HEARTBEAT, "10001")));
  }

  private static GroupTimes times(String settings) throws ConfigException {
    NodeConfig config = NodeConfigReader.parse("p.yaml", "groups: {" + settings + "}");
    return GroupTimes.of(config.groups().consumers());
  }
}
