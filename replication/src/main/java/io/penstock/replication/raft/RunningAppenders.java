package io.penstock.replication.raft;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.leader.LogAppender;

/**
 * The threads of Ratis that bring a leader's log to its followers. Ratis tells followers of a
 * commit with the next entry or heartbeat only: without more to say, every other node would show
 * what was agreed on half a second late. So what a leader has applied, it tells them at once. Any
 * thread may call; nothing blocks.
 */
final class RunningAppenders {

  private final Map<RaftGroupId, Set<LogAppender>> byGroup = new ConcurrentHashMap<>();

  /** One was made: its group is led here now, or has another follower. */
  void add(RaftGroupId group, LogAppender appender) {
    Set<LogAppender> appenders = byGroup.computeIfAbsent(group, _ -> ConcurrentHashMap.newKeySet());
    appenders.removeIf(former -> former.getFollowerId().equals(appender.getFollowerId()));
    appenders.add(appender);
  }

  /** A group has come further here; where it is led here, its followers are told. */
  void cameFurther(RaftGroupId group) {
    Set<LogAppender> appenders = byGroup.get(group);
    if (appenders == null) {
      return;
    }
    for (LogAppender appender : appenders) {
      if (appender.isRunning()) {
        appender.triggerHeartbeat();
      }
    }
  }
}
