/**
 * A small HTTP server for few connections, each with one request at a time and none with a body.
 * {@link io.penstock.node.admin.http.HttpListener} owns one event loop and a few threads: the loop
 * reads requests and sends, the threads make answers, a piece at a time and only when the piece
 * before has left. So neither a large answer nor a slow reader takes more than one piece of memory,
 * and nobody keeps the loop busy. What there is to say is {@link
 * io.penstock.node.admin.http.Pages}' business.
 *
 * <p><b>Why not the JDK's server:</b> it bounds neither the time that a client may take to send a
 * request nor the time that it may take to read the answer.
 */
@NullMarked
package io.penstock.node.admin.http;

import org.jspecify.annotations.NullMarked;
