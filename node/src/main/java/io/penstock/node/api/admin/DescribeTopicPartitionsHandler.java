package io.penstock.node.api.admin;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.KnownLeaders;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.leadership.TopicNames;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Lists partitions in pages: topics by name, and after so many partitions a cursor to where the
 * next page starts.
 */
public final class DescribeTopicPartitionsHandler
    extends TypedHandler<DescribeTopicPartitionsRequestData> {

  private static final int PAGE_PARTITIONS_MAX = 2_000;

  private final Supplier<KnownLeaders> leaders;

  public DescribeTopicPartitionsHandler(Supplier<KnownLeaders> leaders) {
    super(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, DescribeTopicPartitionsRequestData.class, 0, 0);
    this.leaders = leaders;
  }

  @Override
  protected void serve(RequestContext context, DescribeTopicPartitionsRequestData request) {
    if (request.topics().size() > AdminLimits.NAMES_MAX) {
      context.closeConnection("more than " + AdminLimits.NAMES_MAX + " topics asked for");
      return;
    }
    if (!isValid(request)) {
      context.respond(refusal(request));
      return;
    }
    KnownLeaders known = leaders.get();
    String from = request.cursor() == null ? "" : request.cursor().topicName();
    Iterator<String> names =
        request.topics().isEmpty()
            ? following(known.image(), from)
            : named(request, from).iterator();
    context.respond(page(known, names, request));
  }

  private static boolean isValid(DescribeTopicPartitionsRequestData request) {
    if (request.cursor() == null) {
      return true;
    }
    String from = request.cursor().topicName();
    return request.cursor().partitionIndex() >= 0
        && (request.topics().isEmpty()
            || request.topics().stream().anyMatch(topic -> topic.name().equals(from)));
  }

  private static DescribeTopicPartitionsResponseData refusal(
      DescribeTopicPartitionsRequestData request) {
    DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
    List<TopicRequest> asked = request.topics();
    for (String name : new TreeSet<>(asked.stream().map(TopicRequest::name).toList())) {
      response.topics().add(missing(name, Errors.INVALID_REQUEST));
    }
    return response;
  }

  private static DescribeTopicPartitionsResponseData page(
      KnownLeaders known, Iterator<String> names, DescribeTopicPartitionsRequestData request) {
    DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
    int left = Math.clamp(request.responsePartitionLimit(), 1, PAGE_PARTITIONS_MAX);
    int topicsLeft = PAGE_PARTITIONS_MAX;
    while (names.hasNext()) {
      String name = names.next();
      boolean isFirst = request.cursor() != null && name.equals(request.cursor().topicName());
      int firstIndex = isFirst ? request.cursor().partitionIndex() : 0;
      if (left == 0 || topicsLeft-- == 0) {
        return response.setNextCursor(cursor(name, firstIndex));
      }
      TopicImage topic = known.image().topic(name);
      if (topic == null) {
        response.topics().add(missing(name, unknown(name)));
        continue;
      }
      int end = (int) Math.min(topic.partitionCount(), (long) firstIndex + left);
      response.topics().add(found(topic, firstIndex, end, known));
      left -= Math.max(0, end - firstIndex);
      if (end < topic.partitionCount()) {
        return response.setNextCursor(cursor(name, end));
      }
    }
    return response;
  }

  private static DescribeTopicPartitionsResponseTopic found(
      TopicImage topic, int from, int end, KnownLeaders known) {
    DescribeTopicPartitionsResponseTopic response =
        new DescribeTopicPartitionsResponseTopic()
            .setName(topic.name())
            .setTopicId(KafkaIds.toKafka(topic.id()))
            .setIsInternal(ReservedTopics.isInternal(topic.name()))
            .setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
    for (int index = from; index < end; index++) {
      PartitionImage partition = topic.partitions().get(index);
      response.partitions().add(PartitionListing.forDescription(partition, index, known));
    }
    return response;
  }

  private static Errors unknown(String name) {
    return TopicNames.problemOf(name) == null
        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
        : Errors.INVALID_TOPIC_EXCEPTION;
  }

  private static DescribeTopicPartitionsResponseTopic missing(String name, Errors error) {
    return new DescribeTopicPartitionsResponseTopic().setName(name).setErrorCode(error.code());
  }

  private static Cursor cursor(String topic, int partition) {
    return new Cursor().setTopicName(topic).setPartitionIndex(partition);
  }

  private static NavigableSet<String> named(
      DescribeTopicPartitionsRequestData request, String from) {
    TreeSet<String> names = new TreeSet<>();
    for (TopicRequest topic : request.topics()) {
      names.add(topic.name());
    }
    return names.tailSet(from, true);
  }

  /** All topics of the image from a name on, found one by one as the page has room for them. */
  private static Iterator<String> following(LeadershipImage image, String from) {
    return new Iterator<>() {
      private @Nullable TopicImage next = image.topicAtOrAfter(from);

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public String next() {
        TopicImage current = next;
        if (current == null) {
          throw new java.util.NoSuchElementException();
        }
        next = image.topicAtOrAfter(current.name() + '\0');
        return current.name();
      }
    };
  }
}
