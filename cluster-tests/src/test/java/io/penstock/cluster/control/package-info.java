/**
 * What a cluster of several nodes agrees on, under the faults that it has to bear: formation, loss
 * of leaders, dead brokers, changes of voters, observers that were away, minorities. Short here;
 * with {@code -Dpenstock.cluster.long=true} at the sizes that the README of this module names.
 */
@NullMarked
package io.penstock.cluster.control;

import org.jspecify.annotations.NullMarked;
