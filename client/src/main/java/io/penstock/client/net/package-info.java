/**
 * Connections to brokers. A {@link io.penstock.client.net.BrokerConnection} pipelines requests over
 * one socket: it negotiates versions when it opens, matches answers to requests by their order,
 * bounds what is in flight and closes itself, failing everything pending, as soon as an answer is
 * late or makes no sense. {@link io.penstock.client.net.ConnectionPool} keeps one for each broker.
 * Both run on the event loops of a {@link io.penstock.client.net.ClientTransport}, their own or
 * borrowed ones; answers arrive on those loops. Nothing here knows topics or leaders.
 */
@NullMarked
package io.penstock.client.net;

import org.jspecify.annotations.NullMarked;
