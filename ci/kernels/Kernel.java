import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What ptxas made of a kernel.
 *
 * @param symbol mangled name
 * @param threads most threads of a block as {@code __launch_bounds__} says, 0 without
 * @param registers per thread
 * @param shared bytes of static shared memory
 * @param stack bytes of local memory per thread: frames, arrays, spills
 * @param counts instructions by class
 */
record Kernel(
    String symbol, int threads, int registers, int shared, int stack, Map<String, Integer> counts) {

  // Attributes of .nv.info: a byte that tells the form, a byte that tells which, and a value.
  private static final int SIZED = 4;
  private static final int MAX_THREADS = 0x05;
  private static final int FRAME_SIZE = 0x11;
  private static final int MIN_STACK_SIZE = 0x12;
  private static final int MAX_STACK_SIZE = 0x23;
  private static final int REGISTERS = 0x2f;

  // An ELF symbol: 24 bytes, the name first.
  private static final int SYMBOL_BYTES = 24;

  /** All kernels of a cubin. */
  static List<Kernel> of(Elf cubin) {
    List<String> symbols = symbols(cubin);
    Map<String, Integer> registers = new TreeMap<>();
    Map<String, Integer> stacks = new TreeMap<>();
    attributes(
        cubin.section(".nv.info").bytes(),
        (which, value) -> {
          String symbol = symbols.get(value.getInt(0));
          switch (which) {
            case REGISTERS -> registers.put(symbol, value.getInt(4));
            case FRAME_SIZE, MIN_STACK_SIZE, MAX_STACK_SIZE ->
                stacks.merge(symbol, value.getInt(4), Math::max);
            default -> {}
          }
        });
    List<Kernel> kernels = new ArrayList<>();
    for (Elf.Section section : cubin.sections()) {
      if (section.name().startsWith(".text.")) {
        String symbol = section.name().substring(".text.".length());
        Elf.Section shared = cubin.section(".nv.shared." + symbol);
        kernels.add(
            new Kernel(
                symbol,
                threads(cubin.section(".nv.info." + symbol)),
                registers.get(symbol),
                shared == null ? 0 : (int) shared.size() - Occupancy.SHARED_OF_SYSTEM,
                stacks.getOrDefault(symbol, 0),
                Opcodes.count(section.bytes())));
      }
    }
    return kernels;
  }

  private interface Attribute {
    void accept(int which, ByteBuffer value);
  }

  private static void attributes(ByteBuffer info, Attribute attribute) {
    int at = 0;
    while (at + 4 <= info.limit()) {
      int size = info.get(at) == SIZED ? info.getShort(at + 2) & 0xffff : 0;
      if (size > 0) {
        attribute.accept(info.get(at + 1) & 0xff, Elf.little(info.slice(at + 4, size)));
      }
      at += 4 + size;
    }
  }

  private static int threads(Elf.Section info) {
    int[] threads = {0};
    if (info != null) {
      attributes(
          info.bytes(),
          (which, value) -> {
            if (which == MAX_THREADS) {
              threads[0] = value.getInt(0) * value.getInt(4) * value.getInt(8);
            }
          });
    }
    return threads[0];
  }

  private static List<String> symbols(Elf cubin) {
    ByteBuffer table = cubin.section(".symtab").bytes();
    ByteBuffer names = cubin.section(".strtab").bytes();
    List<String> symbols = new ArrayList<>();
    for (int at = 0; at + SYMBOL_BYTES <= table.limit(); at += SYMBOL_BYTES) {
      symbols.add(Elf.string(names, table.getInt(at)));
    }
    return symbols;
  }
}
