package io.penstock.storage.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which failures of system calls heal by themselves. */
class ErrnoTest {

  @ParameterizedTest
  @CsvSource({"28,true", "122,true", "24,true", "23,true", "12,true", "5,false", "30,false"})
  void whatARunningNodeLacksForAWhileIsNoFailureOfTheDisk(int errno, boolean heals) {
    StorageException failure = Errno.exception("open", Path.of("/data/a.log"), errno);

    assertEquals(heals, failure instanceof DiskFullException);
  }
}
