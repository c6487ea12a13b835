package io.penstock.storage.io;

/** Chooses the {@link Disk} of this host. */
public final class Disks {

  private Disks() {}

  /** Direct system calls on 64-bit Linux, {@code FileChannel} elsewhere. */
  public static Disk local() {
    return LinuxDisk.isSupported() ? new LinuxDisk() : new NioDisk();
  }

  /** Does ahead, on whatever thread, what the first use of {@link #local} would take time for. */
  public static void prepare() {
    if (LinuxDisk.isSupported()) {
      Libc.prepare();
    }
  }
}
