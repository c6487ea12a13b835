/** Peers that send what no client would, beside a client that must not notice. */
@NullMarked
package io.penstock.cluster.hostile;

import org.jspecify.annotations.NullMarked;
