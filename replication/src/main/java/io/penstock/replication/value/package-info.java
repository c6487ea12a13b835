/**
 * What the images and rules of both groups are made of: a persistent sorted map that shares what
 * did not change, lists of node ids, the errors a rule can answer with. JDK only; every type here
 * is immutable and its order is the same on every replica.
 */
@NullMarked
package io.penstock.replication.value;

import org.jspecify.annotations.NullMarked;
