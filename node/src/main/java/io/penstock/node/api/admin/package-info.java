/**
 * The APIs that describe and change topics, their settings and who leads them: one handler each,
 * with those about brokers that every client asks. Answers come from the cluster image as it is
 * when the request arrives; changes are proposed to the control plane, and answered when this node
 * has applied them and, for new partitions, can serve them. What several handlers need is in {@code
 * TopicCreation}, {@code ConfigListing} and {@code ConfigAlteration}; {@code ConfigReconciler}
 * finds what a node left behind that stopped halfway.
 */
@NullMarked
package io.penstock.node.api.admin;

import org.jspecify.annotations.NullMarked;
