/**
 * The state of the {@code metadata} group and its rules: configurations, producer-id blocks, the
 * cluster's feature level; users, ACLs and quotas come here too. {@link MetadataRules} is the door.
 * Topics are known by id only, so that no command depends on the order of the other group.
 *
 * <p>Pure: JDK only, no I/O, no clock, no randomness, no threads, no hash order.
 */
@NullMarked
package io.penstock.replication.metadata;

import org.jspecify.annotations.NullMarked;
