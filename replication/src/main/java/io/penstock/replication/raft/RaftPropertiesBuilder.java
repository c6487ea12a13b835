package io.penstock.replication.raft;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * The settings of Ratis, each with its reason. They were measured with Ratis 3.3.0: see the
 * project's notes on Ratis before changing one.
 */
final class RaftPropertiesBuilder {

  /** Bounds a command: an entry has to fit the appender's buffer together with its envelope. */
  static final int APPENDER_BUFFER_BYTES = 1024 * 1024;

  /** With its envelope it has to fit a frame between peers. */
  static final int SNAPSHOT_CHUNK_BYTES = 1024 * 1024;

  private RaftPropertiesBuilder() {}

  static RaftProperties build(RaftSettings settings, LogLimits limits) {
    RaftProperties properties = new RaftProperties();
    RaftServerConfigKeys.setStorageDir(properties, List.of(settings.directory().toFile()));
    // Checked at start only; the node watches the disk itself.
    RaftServerConfigKeys.setStorageFreeSpaceMin(properties, SizeInBytes.valueOf("64MB"));
    RaftServerConfigKeys.setCloseThreshold(properties, seconds(60));
    setElections(properties, settings.electionTimeoutMs());
    setLog(properties, limits);
    setSnapshots(properties, limits);
    setThreads(properties);
    properties.set(RaftConfigKeys.Rpc.TYPE_KEY, PeerRpcType.class.getName());
    return properties;
  }

  private static void setElections(RaftProperties properties, long timeoutMs) {
    // The default of 150 to 300 ms elects spuriously on a busy host.
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, millis(timeoutMs));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, millis(2 * timeoutMs));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, millis(300));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, millis(600));
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, seconds(5));
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, seconds(3));
    // ReadIndex, without assumptions about clocks.
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
    RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
    // Longer than a proposer goes on trying.
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, seconds(60));
  }

  private static void setLog(RaftProperties properties, LogLimits limits) {
    RaftServerConfigKeys.Log.setSegmentSizeMax(
        properties, SizeInBytes.valueOf(limits.segmentBytes()));
    RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("4MB"));
    // Direct memory, for each group.
    RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf("2MB"));
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(
        properties, SizeInBytes.valueOf(APPENDER_BUFFER_BYTES));
    RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(
        properties, SizeInBytes.valueOf(SNAPSHOT_CHUNK_BYTES));
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("32MB"));
    // A dead member must not hold the log; short outages catch up from what is preserved.
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, limits.preservedEntries());
    RaftServerConfigKeys.Log.setPurgeGap(properties, limits.purgeGap());
    // One log entry for a command instead of two.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    // The torn tail of the open segment is cut in any case; nothing else may be skipped.
    RaftServerConfigKeys.Log.setCorruptionPolicy(
        properties, RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION);
    // An entry is acknowledged after its fsync.
    RaftServerConfigKeys.Log.setAsyncFlushEnabled(properties, false);
    RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, false);
    // Beyond this, proposals are refused and retried.
    RaftServerConfigKeys.Write.setElementLimit(properties, 8192);
    RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("64MB"));
  }

  private static void setSnapshots(RaftProperties properties, LogLimits limits) {
    // By entries here; RaftHost asks for them by time and bytes too.
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, limits.snapshotEntries());
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, true);
  }

  private static void setThreads(RaftProperties properties) {
    // Cached pools were seen to grow to 90 threads.
    RaftServerConfigKeys.ThreadPool.setProxyCached(properties, false);
    RaftServerConfigKeys.ThreadPool.setProxySize(properties, 2);
    RaftServerConfigKeys.ThreadPool.setServerCached(properties, false);
    RaftServerConfigKeys.ThreadPool.setServerSize(properties, 8);
    RaftServerConfigKeys.ThreadPool.setClientCached(properties, false);
    RaftServerConfigKeys.ThreadPool.setClientSize(properties, 4);
  }

  private static TimeDuration millis(long value) {
    return TimeDuration.valueOf(value, TimeUnit.MILLISECONDS);
  }

  private static TimeDuration seconds(long value) {
    return TimeDuration.valueOf(value, TimeUnit.SECONDS);
  }
}
