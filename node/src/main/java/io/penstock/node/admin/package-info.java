/**
 * The admin port: what a node says of itself over HTTP, to operators and their tools, and nothing
 * that changes it. {@link io.penstock.node.admin.AdminServer} is the port, {@link
 * io.penstock.node.admin.AdminPages} the table of what there is, {@link
 * io.penstock.node.admin.AdminSources} what it is read from. HTTP itself is in {@code http}.
 *
 * <p><b>The start does not wait for it:</b> its address is bound at once, so that a port that is
 * taken is known, but its classes are loaded when the node is up, or takes long to come up.
 */
@NullMarked
package io.penstock.node.admin;

import org.jspecify.annotations.NullMarked;
