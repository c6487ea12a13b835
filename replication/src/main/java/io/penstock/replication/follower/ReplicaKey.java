package io.penstock.replication.follower;

import java.util.UUID;

/** A partition, by the id of its topic: a topic of the same name may be another one. */
public record ReplicaKey(UUID topicId, int partition) {}
