package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every native function is there and refuses null instead of crashing; needs no GPU. */
@Tag("native")
class SymbolTest {

  static Stream<Method> functions() {
    assertThat(NativeLibrary.get().problems()).isEmpty();
    return Arrays.stream(Tacet.class.getDeclaredMethods())
        .filter(m -> Modifier.isNative(m.getModifiers()) && m.getName().startsWith("tacet_"));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void isLinkedAndChecksItsContext(Method function) throws ReflectiveOperationException {
    Object[] nothing =
        Arrays.stream(function.getParameterTypes())
            .map(t -> t == long.class ? (Object) 0L : t == int.class ? (Object) 0 : zero(t))
            .toArray();
    Object result = function.invoke(null, nothing);
    if (function.getParameterCount() > 0
        && function.getReturnType() == int.class
        && !function.getName().equals("tacet_context_destroy")) {
      assertThat(result).isEqualTo(Tacet.TACET_INVALID_ARGUMENT);
      assertThat(Tacet.tacet_last_error()).startsWith(function.getName() + ": ");
    }
  }

  private static Object zero(Class<?> type) {
    return type == float.class ? (Object) 0f : type == double.class ? (Object) 0.0 : null;
  }

  @Test
  void theLibraryTellsHowItWasBuilt() {
    assertThat(NativeLibrary.get().directory()).isDirectory();
    assertThat(Tacet.tacet_build_info()).startsWith("g++ ");
    assertThat(functions().count()).isGreaterThan(20);
  }
}
