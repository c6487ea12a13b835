package io.penstock.storage.io;

/** What a file is opened for. */
public enum OpenMode {
  /** Reading; the file must exist. */
  READ,
  /** Reading and writing; the file must exist. */
  READ_WRITE,
  /** Reading and writing; the file is created, empty, where it does not exist. */
  CREATE
}
