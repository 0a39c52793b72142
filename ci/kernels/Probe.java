import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the decoding of instructions by the kernels of probe.cu, whose comments say the counts.
 */
final class Probe {
  private static final Pattern KERNEL = Pattern.compile("(?m)^// (.*=.*)\\nKERNEL\\((\\w+)\\)");

  private static int wrong;

  private Probe() {}

  /** Arguments: probe.cu, and the cubin made of it. */
  public static void main(String[] args) throws IOException {
    Map<String, String> expected = new TreeMap<>();
    Matcher kernels = KERNEL.matcher(Files.readString(Path.of(args[0])));
    while (kernels.find()) {
      expected.put(kernels.group(2), kernels.group(1));
    }
    Map<String, String> found = new TreeMap<>();
    for (Elf cubin : Fatbin.cubins(Path.of(args[1]), 90)) {
      for (Kernel kernel : Kernel.of(cubin)) {
        found.put(kernel.symbol(), Table.text(kernel.counts()));
        check(kernel.symbol().equals("local") == kernel.stack() > 0, "stack of " + kernel);
        int shared = kernel.symbol().equals("shared_atomics") ? 256 : 0;
        check(kernel.shared() == shared, "shared memory of " + kernel);
      }
    }
    check(expected.size() > 20, "kernels of " + args[0]);
    expected.forEach(
        (name, counts) ->
            check(
                counts.equals(found.get(name)),
                name + ": expected " + counts + ", got " + found.get(name)));
    // By the occupancy calculator: limits by warps, registers (two cases), shared memory, blocks.
    check(Occupancy.warps(256, 32, 0) == 64, "64 warps of 32 registers");
    check(Occupancy.warps(256, 72, 0) == 24, "24 warps of 72 registers in blocks of 8");
    check(Occupancy.warps(512, 99, 0) == 16, "16 warps of 99 registers in blocks of 16");
    check(Occupancy.warps(128, 32, 41216) == 20, "20 warps in blocks of 4 with 41,216 bytes");
    check(Occupancy.warps(32, 32, 0) == 32, "32 blocks");
    if (wrong > 0) {
      System.exit(1);
    }
    System.out.println("kernels: " + expected.size() + " probes are decoded as expected");
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      System.err.println("kernels: the decoding is wrong: " + what);
      wrong++;
    }
  }
}
