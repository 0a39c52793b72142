package io.tacet.spi;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Function;
import java.util.function.Supplier;

/** Does something around every operation of a family of kernels. */
public final class Around {
  private Around() {}

  /**
   * Kernels that do something around those given.
   *
   * @param family their interface
   * @param around gets an operation, calls it, and returns what it returned
   */
  public static <T> T each(Class<T> family, T kernels, Function<Supplier<Object>, Object> around) {
    return family.cast(
        Proxy.newProxyInstance(
            family.getClassLoader(),
            new Class<?>[] {family},
            (proxy, method, arguments) -> around.apply(() -> invoke(method, kernels, arguments))));
  }

  private static Object invoke(Method method, Object kernels, Object[] arguments) {
    try {
      return method.invoke(kernels, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
