import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares the kernels of a library with cuda/kernels.tsv, or writes the table anew. */
final class Gate {
  private static final int ARCHITECTURE = 90;
  private static final int ASSUMED_THREADS = 256;
  private static final Pattern VERSION = Pattern.compile("V\\d+\\.\\d+\\.\\d+");

  private final List<String> complaints = new ArrayList<>();

  private Gate() {}

  /** Arguments: compare or update, the library, the table. */
  public static void main(String[] args) throws Exception {
    Path library = Path.of(args[1]);
    Path file = Path.of(args[2]);
    List<Elf> cubins = Fatbin.cubins(library, ARCHITECTURE);
    if (cubins.isEmpty()) {
      System.err.println(
          "kernels: " + library + " has no code for sm_" + ARCHITECTURE + "; build it with nvcc");
      System.exit(2);
    }
    Gate gate = new Gate();
    Table expected = Files.exists(file) ? Table.read(file) : new Table("", Map.of());
    Table found = gate.table(cubins, expected);
    String done;
    if (args[0].equals("update")) {
      found.write(file);
      done = "written to " + file;
    } else if (!expected.compiler().equals(found.compiler())) {
      done =
          "use no local memory; more is not checked, for nvcc is "
              + found.compiler()
              + " and "
              + file
              + " is of "
              + expected.compiler();
    } else {
      gate.compare(expected, found);
      done = "are as " + file + " says";
    }
    gate.end(found.rows().size() + " kernels " + done);
  }

  private void end(String done) {
    if (complaints.isEmpty()) {
      System.out.println("kernels: " + done);
      return;
    }
    complaints.forEach(System.err::println);
    System.err.println(
        "kernels: what is meant goes into the table by ci/kernels.sh --update; look at what that"
            + " changes before you commit it");
    System.exit(1);
  }

  private Table table(List<Elf> cubins, Table before) throws IOException, InterruptedException {
    List<Kernel> kernels = new ArrayList<>();
    cubins.forEach(cubin -> kernels.addAll(Kernel.of(cubin)));
    List<String> names = Names.of(kernels.stream().map(Kernel::symbol).toList());
    Map<String, Table.Row> rows = new TreeMap<>();
    Map<String, Kernel> byName = new TreeMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      Kernel kernel = kernels.get(i);
      Kernel other = byName.put(name, kernel);
      // Templates of headers are in the cubin of each file that uses them.
      if (kernel.equals(other)) {
        continue;
      }
      if (other != null) {
        complaints.add(name + ": two different kernels have this name; give one another name");
      }
      checkMemory(name, kernel);
      int threads = threads(name, kernel, before);
      int warps = Occupancy.warps(threads, kernel.registers(), kernel.shared());
      rows.put(
          name,
          new Table.Row(threads, kernel.registers(), kernel.shared(), warps, kernel.counts()));
    }
    return new Table(version(cubins.get(0)), rows);
  }

  /** Local memory is slow wherever it comes from: spills, computed subscripts, calls. */
  private void checkMemory(String name, Kernel kernel) {
    if (kernel.stack() > 0) {
      complaints.add(name + ": has " + kernel.stack() + " bytes of local memory; expected none");
    }
    kernel
        .counts()
        .forEach(
            (instruction, count) -> {
              if (instruction.equals(Opcodes.LOADS_AMONG_PRODUCTS)
                  && kernel.counts().containsKey("LDGSTS.128")) {
                complaints.add(
                    name + ": has " + count + " LDG among its HMMA; expected copies by LDGSTS");
              }
              if (instruction.startsWith("LDL") || instruction.startsWith("STL")) {
                complaints.add(name + ": has " + count + " " + instruction + "; expected none");
              }
            });
  }

  /** Launches without bounds have the block size that a person has written into the table. */
  private static int threads(String name, Kernel kernel, Table before) {
    if (kernel.threads() > 0) {
      return kernel.threads();
    }
    Table.Row known = before.rows().get(name);
    if (known == null) {
      System.out.println(
          "kernels: note: "
              + name
              + " has no __launch_bounds__; assumed "
              + ASSUMED_THREADS
              + " threads, write the right number into its row");
    }
    return known == null ? ASSUMED_THREADS : known.threads();
  }

  private static String version(Elf cubin) {
    ByteBuffer note = cubin.section(".note.nv.tkinfo").bytes();
    Matcher version = VERSION.matcher(StandardCharsets.ISO_8859_1.decode(note));
    return version.find() ? version.group() : "unknown";
  }

  private void compare(Table expected, Table found) {
    Set<String> names = new TreeSet<>(expected.rows().keySet());
    names.addAll(found.rows().keySet());
    for (String name : names) {
      Table.Row e = expected.rows().get(name);
      Table.Row f = found.rows().get(name);
      if (e == null) {
        complaints.add(name + ": is new");
      } else if (f == null) {
        complaints.add(name + ": is gone");
      } else {
        compare(name, e, f);
      }
    }
  }

  private void compare(String name, Table.Row expected, Table.Row found) {
    compare(name, "threads of a block", expected.threads(), found.threads());
    compare(name, "registers", expected.registers(), found.registers());
    compare(name, "bytes of static shared memory", expected.shared(), found.shared());
    compare(name, "resident warps", expected.warps(), found.warps());
    Set<String> classes = new TreeSet<>(expected.counts().keySet());
    classes.addAll(found.counts().keySet());
    for (String c : classes) {
      compare(name, c, expected.counts().getOrDefault(c, 0), found.counts().getOrDefault(c, 0));
    }
  }

  private void compare(String name, String what, int expected, int found) {
    if (expected != found) {
      complaints.add(name + ": " + what + ": expected " + expected + ", got " + found);
    }
  }
}
