package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.TopicSpec;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The topics of the cluster, as groups see them. Any thread. */
public interface TopicCatalog {

  /** A topic that there is. */
  record CatalogTopic(String name, TopicSpec spec) {}

  /** The topic of this name, or null where there is none. */
  @Nullable CatalogTopic topic(String name);

  /** The name of the topic, or null where it is gone. */
  @Nullable String nameOf(UUID id);

  /** The names of all topics that an expression may stand for. */
  Collection<String> names();

  /** Equal as long as nothing has changed. */
  Object version();

  /** Equal as long as no topic has come or gone. */
  Object namesVersion();
}
