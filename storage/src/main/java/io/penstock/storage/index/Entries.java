package io.penstock.storage.index;

import io.penstock.storage.io.StorageException;

/** The bytes of an index, wherever they are, for the time of one look-up. */
interface Entries {

  int count() throws StorageException;

  long longAt(int byteOffset) throws StorageException;

  int intAt(int byteOffset) throws StorageException;
}
