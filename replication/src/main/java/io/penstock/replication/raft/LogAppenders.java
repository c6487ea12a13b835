package io.penstock.replication.raft;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.RaftGroupId;

/** The running appenders of the groups that are led here, to be woken by a commit. Thread-safe. */
final class LogAppenders {

  private final Map<RaftGroupId, Set<PeerLogAppender>> running = new ConcurrentHashMap<>();

  void add(RaftGroupId group, PeerLogAppender appender) {
    running.computeIfAbsent(group, _ -> ConcurrentHashMap.newKeySet()).add(appender);
  }

  void remove(RaftGroupId group, PeerLogAppender appender) {
    running.getOrDefault(group, Set.of()).remove(appender);
  }

  /** There is a commit that followers have not heard of. */
  void committed(RaftGroupId group) {
    for (PeerLogAppender appender : running.getOrDefault(group, Set.of())) {
      appender.notifyLogAppender();
    }
  }
}
