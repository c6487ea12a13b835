package io.penstock.node.api.admin;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.storage.dir.LogDirectoryView;
import io.penstock.storage.log.LogId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists this node's data directories and what each partition takes there. Asks the file system,
 * which may block, and therefore works on a thread of its own.
 */
public final class DescribeLogDirsHandler extends TypedHandler<DescribeLogDirsRequestData> {

  private static final Logger LOG = LoggerFactory.getLogger(DescribeLogDirsHandler.class);

  private final Supplier<List<LogDirectoryView>> directories;
  private final Executor blocking;

  public DescribeLogDirsHandler(Supplier<List<LogDirectoryView>> directories, Executor blocking) {
    super(ApiKeys.DESCRIBE_LOG_DIRS, DescribeLogDirsRequestData.class, 1, 5);
    this.directories = directories;
    this.blocking = blocking;
  }

  @Override
  protected void serve(RequestContext context, DescribeLogDirsRequestData request) {
    Map<String, Set<Integer>> wanted = wanted(request);
    try {
      LaterAnswer.respondWhen(
          context,
          CompletableFuture.supplyAsync(() -> answer(wanted), blocking),
          Function.identity(),
          DescribeLogDirsHandler::failed);
    } catch (RejectedExecutionException busy) {
      context.respond(
          new DescribeLogDirsResponseData().setErrorCode(Errors.REQUEST_TIMED_OUT.code()));
    }
  }

  private DescribeLogDirsResponseData answer(@Nullable Map<String, Set<Integer>> wanted) {
    DescribeLogDirsResponseData response = new DescribeLogDirsResponseData();
    for (LogDirectoryView directory : directories.get()) {
      response.results().add(describe(directory, wanted));
    }
    return response;
  }

  private static DescribeLogDirsResponseData failed(Throwable failure) {
    LOG.error("Data directories could not be described", failure);
    return new DescribeLogDirsResponseData().setErrorCode(Errors.forException(failure).code());
  }

  private static @Nullable Map<String, Set<Integer>> wanted(DescribeLogDirsRequestData request) {
    if (request.topics() == null) {
      return null;
    }
    Map<String, Set<Integer>> wanted = new HashMap<>();
    for (DescribableLogDirTopic topic : request.topics()) {
      wanted.computeIfAbsent(topic.topic(), _ -> new HashSet<>()).addAll(topic.partitions());
    }
    return wanted;
  }

  private static DescribeLogDirsResult describe(
      LogDirectoryView directory, @Nullable Map<String, Set<Integer>> wanted) {
    DescribeLogDirsResult result =
        new DescribeLogDirsResult()
            .setLogDir(directory.path().toAbsolutePath().toString())
            .setTotalBytes(directory.totalBytes())
            .setUsableBytes(directory.usableBytes());
    if (directory.offlineCause().isPresent()) {
      return result.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
    }
    Map<String, DescribeLogDirsTopic> topics = new TreeMap<>();
    for (Map.Entry<LogId, Long> log : directory.logBytes().entrySet()) {
      LogId id = log.getKey();
      if (wanted == null || wanted.getOrDefault(id.topic(), Set.of()).contains(id.partition())) {
        topics
            .computeIfAbsent(id.topic(), name -> new DescribeLogDirsTopic().setName(name))
            .partitions()
            .add(
                new DescribeLogDirsPartition()
                    .setPartitionIndex(id.partition())
                    .setPartitionSize(log.getValue())
                    .setOffsetLag(0)
                    .setIsFutureKey(false));
      }
    }
    return result.setTopics(List.copyOf(topics.values()));
  }
}
