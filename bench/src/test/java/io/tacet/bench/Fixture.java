package io.tacet.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Results of a short run with several peers, whose figures mean nothing. */
final class Fixture {
  private Fixture() {}

  static String json() throws IOException {
    try (var in = Fixture.class.getResourceAsStream("results.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static List<Timing> timings() throws IOException {
    return Timing.parse(json());
  }

  static Environment environment() {
    return new Environment(
        Map.of("JDK", "17"), List.of(run("./tacet bench --only 'a<b'", "abc1234")));
  }

  static Map<String, String> run(String command, String commit) {
    return Map.of("command", command, "commit", commit);
  }

  /** A measurement with parameters given as name, value, name, value. */
  static Timing timing(String benchmark, double[] samples, String... params) {
    Map<String, String> map = new java.util.TreeMap<>();
    for (int k = 0; k < params.length; k += 2) {
      map.put(params[k], params[k + 1]);
    }
    return new Timing(benchmark, map, 1, samples, Double.NaN, new double[0], Map.of());
  }
}
