package io.tacet;

import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A backend and a precision that a conformance test runs with.
 *
 * @param name shown in the test's name
 * @param backend opens the backend; the test closes it
 * @param type element type of weights and currents
 */
public record BackendCase(String name, Supplier<Backend> backend, DType type) {

  /** Every backend that can run here, in every precision that it supports. */
  public static Stream<BackendCase> all() {
    List<BackendCase> cases = new ArrayList<>();
    for (Backends.Availability found : Backends.all()) {
      if (found.available()) {
        cases.addAll(of(found.name(), () -> Backends.open(found.name())));
      }
    }
    return cases.stream();
  }

  /** One backend in every precision that it supports. */
  public static List<BackendCase> of(String name, Supplier<Backend> opener) {
    List<BackendCase> cases = new ArrayList<>();
    try (Backend backend = opener.get()) {
      for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
        if (backend.supports(type)) {
          cases.add(new BackendCase(name, opener, type));
        }
      }
    }
    return cases;
  }

  @Override
  public String toString() {
    return name + " " + type;
  }
}
