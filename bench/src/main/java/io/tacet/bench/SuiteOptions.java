package io.tacet.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Options of a run of the {@link Suite}.
 *
 * @param backend java, host or cuda
 * @param only found in the names of what is measured
 * @param out folder of the results
 * @param python command that starts Python 3 for peers
 * @param keep whether to add to the results in the folder
 * @param ceilings whether those of a GPU that are missing are measured
 * @param seconds after which {@link DeviceKernels} begins no other shape
 * @param sizes of {@link DeviceKernels}
 * @param plan whether floors by data sheets are shown and nothing else is done
 * @param launchOnly whether {@link DeviceKernels} are launched for a profiler and nothing else is
 *     done
 * @param command as it was typed
 */
record SuiteOptions(
    Plan.Size size,
    String backend,
    Pattern only,
    Path out,
    String python,
    boolean keep,
    boolean ceilings,
    double seconds,
    KernelSizes sizes,
    boolean plan,
    boolean launchOnly,
    String command) {
  private static final String EXPECTED =
      "--quick, --full, --keep, --plan, --no-ceilings, --launch-only, or --backend, --only, --out,"
          + " --python, --seconds or --shrink with a value.";

  private static final int QUICK_SECONDS = 60;
  private static final int SECONDS = 600;

  /** Divisor of sizes under host execution. */
  private static final int HOST_SHRINK = 64;

  /** What has been read so far. */
  private static final class Parser {
    Plan.Size size = Plan.Size.DEFAULT;
    String backend = "java";
    Pattern only = Pattern.compile("");
    Path out = Path.of("out", "bench");
    String python = "python3";
    boolean keep;
    boolean ceilings = true;
    boolean plan;
    boolean launchOnly;
    Double seconds;
    Integer shrink;

    boolean flag(String option) {
      switch (option) {
        case "--quick" -> size = Plan.Size.QUICK;
        case "--full" -> size = Plan.Size.FULL;
        case "--keep" -> keep = true;
        case "--no-ceilings" -> ceilings = false;
        case "--plan" -> plan = true;
        case "--launch-only" -> launchOnly = true;
        default -> {
          return false;
        }
      }
      return true;
    }

    void value(String option, String value) {
      switch (option) {
        case "--backend" -> backend = value;
        case "--only" -> only = pattern(value);
        case "--out" -> out = Path.of(value);
        case "--python" -> python = value;
        case "--seconds" -> seconds = (double) number(option, value);
        case "--shrink" -> shrink = number(option, value);
        default -> throw new IllegalArgumentException(option + ": expected " + EXPECTED);
      }
    }

    SuiteOptions done(String command) {
      if (!List.of("java", "host", "cuda").contains(backend)) {
        throw new IllegalArgumentException(
            "--backend: expected java, host or cuda, got '" + backend + "'.");
      }
      int by = shrink != null ? shrink : backend.equals("cuda") ? 1 : HOST_SHRINK;
      return new SuiteOptions(
          size,
          backend,
          only,
          out,
          python,
          keep,
          ceilings,
          seconds != null ? seconds : size == Plan.Size.QUICK ? QUICK_SECONDS : SECONDS,
          new KernelSizes(by),
          plan,
          launchOnly,
          command);
    }
  }

  static SuiteOptions parse(String... args) {
    Parser parser = new Parser();
    for (int k = 0; k < args.length; k++) {
      if (!parser.flag(args[k])) {
        if (k + 1 == args.length) {
          throw new IllegalArgumentException(args[k] + ": expected " + EXPECTED);
        }
        parser.value(args[k], args[++k]);
      }
    }
    return parser.done(("./tacet bench " + String.join(" ", args)).strip());
  }

  private static int number(String option, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          option + ": expected a whole number, got '" + value + "'.", e);
    }
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "--only: expected a regular expression, got '" + regex + "': " + e.getDescription() + ".",
          e);
    }
  }

  /**
   * Whether kernels are measured in a process of their own: always on a GPU, on the host only if
   * they are selected by name, as a test.
   */
  boolean kernels() {
    boolean here =
        backend.equals("cuda")
            || (backend.equals("host") && only.pattern().contains("DeviceKernels"));
    return here && DeviceKernels.named(only);
  }
}
