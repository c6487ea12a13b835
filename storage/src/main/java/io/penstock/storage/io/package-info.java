/**
 * The disk as the log sees it. {@link io.penstock.storage.io.Disk} opens, lists, renames and
 * deletes; {@link io.penstock.storage.io.DiskFile} reads, writes, forces and maps one file. {@link
 * io.penstock.storage.io.LinuxDisk} makes the system calls itself, so that a thread's interrupt
 * cannot close a file under others and a write is one call; {@link io.penstock.storage.io.NioDisk}
 * is for hosts that are not Linux. Every failure is a {@link
 * io.penstock.storage.io.StorageException} that says what failed, where, and what to do.
 */
@NullMarked
package io.penstock.storage.io;

import org.jspecify.annotations.NullMarked;
