/**
 * How a command gets to the leader of its group from whichever node it is proposed on, and its
 * result back. {@link io.penstock.replication.proposal.Proposer} goes on trying, under the same
 * ids, until a leader says what became of the command, and then waits until this node shows it;
 * {@link io.penstock.replication.proposal.ProposalHandler} takes what other nodes forward. Knows
 * neither which groups there are nor what a command means.
 */
@NullMarked
package io.penstock.replication.proposal;

import org.jspecify.annotations.NullMarked;
