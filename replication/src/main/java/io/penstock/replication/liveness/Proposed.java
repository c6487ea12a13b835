package io.penstock.replication.liveness;

import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import org.jspecify.annotations.Nullable;

/** Results of commands about one broker. */
final class Proposed {

  private Proposed() {}

  static boolean isDone(@Nullable LeadershipResult result) {
    return result instanceof BrokerResult done && done.error().isNone();
  }

  /** Why it was not done. */
  static String text(@Nullable LeadershipResult result) {
    return switch (result) {
      case BrokerResult refused -> refused.error() + ": " + refused.message();
      case Refused refused -> refused.error() + ": " + refused.message();
      case null, default -> String.valueOf(result);
    };
  }
}
