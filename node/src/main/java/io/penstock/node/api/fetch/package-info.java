/**
 * Fetch. {@link io.penstock.node.api.fetch.FetchHandler} asks {@link
 * io.penstock.node.api.fetch.FetchSessions} which partitions a request is about (KIP-227), then a
 * {@code FetchOperation} reads them (of a session only what is not quiet), parks itself on them
 * while there is too little, and answers with slices of segment files, never with bytes. {@code
 * FetchAttempt} is one look at them. Followers are served by the same: what they ask for is what
 * they have ({@code FollowerAcks}), and they hear of a high watermark that moved. Everything runs
 * on the event loop of the connection; only cold slices take a turn over {@link
 * io.penstock.node.api.fetch.Residency} before they are sent.
 */
@NullMarked
package io.penstock.node.api.fetch;

import org.jspecify.annotations.NullMarked;
