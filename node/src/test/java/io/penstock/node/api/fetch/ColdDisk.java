package io.penstock.node.api.fetch;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** A disk of whose files nothing is ever in memory. */
final class ColdDisk {

  private ColdDisk() {}

  static Disk over(Disk disk) {
    return proxy(
        Disk.class,
        (method, arguments) -> {
          Object result = invoke(disk, method, arguments);
          return result instanceof DiskFile file ? over(file) : result;
        });
  }

  private static DiskFile over(DiskFile file) {
    return proxy(
        DiskFile.class,
        (method, arguments) ->
            method.getName().equals("isResident") ? false : invoke(file, method, arguments));
  }

  private interface Call {
    @Nullable Object run(Method method, @Nullable Object @Nullable [] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> call.run(method, arguments)));
  }

  private static @Nullable Object invoke(
      Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      Throwable cause = failure.getCause();
      throw cause == null ? failure : cause;
    }
  }
}
