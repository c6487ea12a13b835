/**
 * The commands of {@code penstock} that need nothing but a broker to talk to. Each is a picocli
 * command: tables for people, {@code --json} for scripts, results on standard output and what went
 * wrong on standard error. Exit codes: 0 done, 1 failed, 2 wrong usage. The command line itself
 * ({@code penstock}, with its other subcommands) is put together in the node's main class.
 */
@NullMarked
package io.penstock.client.cli;

import org.jspecify.annotations.NullMarked;
