/** The process: sockets, API handlers, coordinators, wiring. */
@NullMarked
package io.penstock.node;

import org.jspecify.annotations.NullMarked;
