import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the instructions of a kernel that say what it asks of the memory system, of barriers and
 * of the rarer units. Since sm_70 an instruction has 128 bits: 9 bits of opcode, 3 of the form of
 * its operands, 4 of its guard, and the modifiers that matter here in the upper half. NVIDIA
 * documents none of it: probe.cu holds what nvcc makes of known PTX.
 */
final class Opcodes {
  /** Opcodes whose name tells it all. */
  private static final Map<Integer, String> PLAIN =
      Map.ofEntries(
          Map.entry(0x028, "FP64"), // DMUL
          Map.entry(0x029, "FP64"), // DADD
          Map.entry(0x02a, "FP64"), // DSETP
          Map.entry(0x02b, "FP64"), // DFMA
          Map.entry(0x037, "IMMA"),
          Map.entry(0x03b, "LDSM"),
          Map.entry(0x03c, "HMMA"),
          Map.entry(0x03f, "DMMA"),
          Map.entry(0x108, "MUFU"),
          Map.entry(0x110, "FP64"), // F2F
          Map.entry(0x113, "FP64"), // FRND
          Map.entry(0x11d, "BAR"),
          Map.entry(0x18a, "ATOM"),
          Map.entry(0x18c, "ATOMS"),
          Map.entry(0x18d, "ATOMS"), // CAS
          Map.entry(0x18e, "RED"),
          Map.entry(0x1a3, "ATOMG"), // of floats
          Map.entry(0x1a6, "RED"), // of floats
          Map.entry(0x1a8, "ATOMG"),
          Map.entry(0x1a9, "ATOMG")); // CAS

  /** Loads and stores, which have a width. */
  private static final Map<Integer, String> ACCESSES =
      Map.ofEntries(
          Map.entry(0x180, "LD"),
          Map.entry(0x181, "LDG"),
          Map.entry(0x183, "LDL"),
          Map.entry(0x184, "LDS"),
          Map.entry(0x185, "ST"),
          Map.entry(0x186, "STG"),
          Map.entry(0x187, "STL"),
          Map.entry(0x188, "STS"),
          Map.entry(0x1ae, "LDGSTS"));

  /**
   * Loads of global memory into registers from the first barrier to the last product of tensor
   * cores: in the loop of a kernel that copies to shared memory there should be none.
   */
  static final String LOADS_AMONG_PRODUCTS = "LDG..HMMA";

  private static final int GLOBAL_LOAD = 0x181;
  private static final int DOUBLE_TO_INTEGER = 0x111;
  private static final int INTEGER_TO_DOUBLE = 0x112;
  private static final int FENCE = 0x192;
  private static final String[] WIDTHS = {"8", "8", "16", "16", "32", "64", "128", "?"};
  private static final String[] SCOPES = {"CTA", "?", "GPU", "SYS"};

  /** A guard that never holds. */
  private static final int NEVER = 0xf;

  private Opcodes() {}

  /** How often each class occurs in the code of a kernel. */
  static Map<String, Integer> count(ByteBuffer code) {
    Map<String, Integer> counts = new TreeMap<>();
    boolean barrier = false;
    int loads = 0;
    int loadsBefore = 0;
    for (int at = 0; at + 16 <= code.limit(); at += 16) {
      String name = classify(code.getLong(at), code.getLong(at + 8));
      if (name != null) {
        counts.merge(name, 1, Integer::sum);
        barrier |= name.equals("BAR");
        loads += barrier && name.startsWith("LDG.") ? 1 : 0;
        loadsBefore = name.equals("HMMA") ? loads : loadsBefore;
      }
    }
    if (loadsBefore > 0) {
      counts.put(LOADS_AMONG_PRODUCTS, loadsBefore);
    }
    return counts;
  }

  /** The class of an instruction, or null if it is of no interest. */
  private static String classify(long low, long high) {
    int opcode = (int) low & 0x1ff;
    if ((low >> 12 & 0xf) == NEVER) {
      return null;
    }
    if (ACCESSES.containsKey(opcode)) {
      String width = WIDTHS[bits(high, 9, 3)];
      return ACCESSES.get(opcode) + "." + width + (isConstant(opcode, high) ? "c" : "");
    }
    return switch (opcode) {
      case FENCE -> "MEMBAR." + (bits(high, 15, 1) == 0 ? "SC." : "") + SCOPES[bits(high, 12, 2)];
      // The same opcodes convert 64-bit integers from and to floats.
      case DOUBLE_TO_INTEGER -> bits(high, 20, 1) == 1 ? "FP64" : null;
      case INTEGER_TO_DOUBLE -> bits(high, 11, 1) == 1 ? "FP64" : null;
      default -> PLAIN.get(opcode);
    };
  }

  /** Whether a global load goes through the cache of data that no kernel writes (ld.global.nc). */
  private static boolean isConstant(int opcode, long high) {
    return opcode == GLOBAL_LOAD && bits(high, 13, 4) == 4;
  }

  private static int bits(long word, int first, int count) {
    return (int) (word >> first) & ((1 << count) - 1);
  }
}
