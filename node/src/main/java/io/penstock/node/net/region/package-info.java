/**
 * How the bytes of a response reach the socket. {@link io.penstock.node.net.region.ResponseRegion}
 * is one response, header bytes and file ranges in wire order; {@link
 * io.penstock.node.net.region.RegionSender}, one per event loop, moves it by {@code send}, {@code
 * sendfile} and {@code splice}. No byte of a file range enters the process on that way. Where the
 * socket's descriptor cannot be had (NIO), a region copies its ranges through the channel instead.
 */
@NullMarked
package io.penstock.node.net.region;

import org.jspecify.annotations.NullMarked;
