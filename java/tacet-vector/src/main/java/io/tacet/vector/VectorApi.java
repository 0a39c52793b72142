package io.tacet.vector;

import java.util.List;

/** The module of the JDK that the JVM must have been started with. */
final class VectorApi {
  static final String NAME = "vector";

  private static final String MODULE = "jdk.incubator.vector";

  private VectorApi() {}

  static String description() {
    return "Vector API of Java " + Runtime.version().feature();
  }

  static List<String> unavailable() {
    return ModuleLayer.boot().findModule(MODULE).isPresent()
        ? List.of()
        : List.of("the JVM was not started with --add-modules " + MODULE);
  }
}
