package io.penstock.node.api.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.Loop;
import io.penstock.node.api.RecordedContext;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.log.LogSlice;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A fetch handler over real logs on a disk in memory; responses are released in the end. */
abstract class FetchFixture {

  static final int BY_NAME = 12;
  static final int BY_ID = 18;
  static final int NODE_MAX_BYTES = 55 << 20;

  @TempDir Path directory;
  DataNode node;
  FetchSessions sessions;
  FetchHandler handler;
  final ArrayDeque<Runnable> files = new ArrayDeque<>();
  final ArrayDeque<Runnable> cold = new ArrayDeque<>();
  private final List<FetchResponseData> responses = new ArrayList<>();
  boolean everythingIsCold;
  long nowMs = DataNode.NOW_MS;

  @BeforeEach
  void open() throws Exception {
    // The fake disk keeps its files in memory, and some tests have twenty logs.
    node = new DataNode(directory, LogSettingsBuilder.fromDefaults().index(1 << 16, 4096).build());
    serve();
    node.createTopic("pipe", 3);
  }

  private void serve() {
    sessions = new FetchSessions(10, 1_000, node.metrics);
    handler =
        new FetchHandler(
            node.partitions,
            sessions,
            this::whenResident,
            files::add,
            NODE_MAX_BYTES,
            () -> nowMs,
            node.metrics);
  }

  /** Stops and starts the node; from now on nothing of its files is in memory. */
  void restartCold() throws Exception {
    node = node.restarted(directory, ColdDisk::over);
    serve();
  }

  @AfterEach
  void close() throws Exception {
    responses.forEach(WireRecords::release);
    node.close();
  }

  private void whenResident(List<LogSlice> slices, Loop loop, Runnable ready) {
    assertFalse(slices.isEmpty(), "nothing to bring in");
    if (everythingIsCold) {
      cold.add(ready);
    } else {
      ready.run();
    }
  }

  /** What claims to be a replica comes from the node that it claims to be. */
  RecordedContext handle(int version, FetchRequests request) {
    return handle(version, request, request.build().replicaId());
  }

  RecordedContext handle(int version, FetchRequests request, int peer) {
    RecordedContext context = node.context(version);
    if (peer >= 0) {
      context.ofPeer(peer);
    }
    handler.handle(context, request.build());
    node.loop.runRound();
    return context;
  }

  FetchResponseData response(RecordedContext context) {
    FetchResponseData response = context.response(FetchResponseData.class);
    if (!responses.contains(response)) {
      responses.add(response);
    }
    return response;
  }

  List<PartitionData> partitions(RecordedContext context) {
    List<PartitionData> all = new ArrayList<>();
    for (FetchableTopicResponse topic : response(context).responses()) {
      all.addAll(topic.partitions());
    }
    return all;
  }

  PartitionData only(RecordedContext context) {
    assertEquals(1, partitions(context).size());
    return partitions(context).getFirst();
  }

  PartitionData fetchOnce(int version, FetchRequests request) {
    return only(handle(version, request));
  }

  static int size(PartitionData data) {
    return data.records() == null ? 0 : data.records().sizeInBytes();
  }

  static Errors error(PartitionData data) {
    return Errors.forCode(data.errorCode());
  }

  static int batchBytes(int records) {
    return TestBatch.ofRecords(records).build().remaining();
  }
}
