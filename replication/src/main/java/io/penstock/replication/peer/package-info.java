/**
 * What nodes say to each other, as seen from the parts that say it. {@link
 * io.penstock.replication.peer.PeerNetwork} carries a request to another node, {@link
 * io.penstock.replication.peer.PeerHandler} answers one; each {@link
 * io.penstock.replication.peer.PeerApi} belongs to one package, which alone knows the form of its
 * bytes. Sockets are {@code node.peer}'s; tests carry the bytes in memory, and cut, delay and pause
 * what they like.
 */
@NullMarked
package io.penstock.replication.peer;

import org.jspecify.annotations.NullMarked;
