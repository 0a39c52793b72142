package io.tacet.openblas;

import io.tacet.spi.TileProducts;
import io.tacet.spi.TileProductsProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Offers OpenBLAS to the java backend. Sets the number of threads of the OpenBLAS that is loaded to
 * 1, for all its users in the process: the java backend has threads of its own. Which kernels
 * OpenBLAS uses is decided when it is loaded, from the processor or the environment variable {@code
 * OPENBLAS_CORETYPE}; {@link #description} says where it does not know the processor.
 */
public final class OpenBlasProvider implements TileProductsProvider {
  /** Name of the environment variable by which OpenBLAS can be told what processor it runs on. */
  private static final String CORE = "OPENBLAS_CORETYPE";

  /** Cores for which OpenBLAS 0.3.31 computes small products without packing their factors. */
  private static final Set<String> WITH_SMALL_KERNELS =
      Set.of("SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS");

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
  private static final Pattern FAMILY = Pattern.compile("cpu family\\s*: (\\d{1,6})");

  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public String description() {
    String version = openblas_nolapack.OPENBLAS_VERSION.strip();
    return System.getenv(CORE) == null && isUnknown(PROCESSOR)
        ? version
            + ", which does not know this processor and takes kernels for AVX2; with "
            + CORE
            + "=SKYLAKEX in the environment it computes about twice as fast"
        : version;
  }

  /**
   * Whether it is a processor with AVX-512 that OpenBLAS 0.3.31 does not know: of AMD, family 26 or
   * later.
   *
   * @param file as Linux describes processors
   */
  static boolean isUnknown(Path file) {
    String text = read(file);
    Matcher family = FAMILY.matcher(text);
    return text.contains("AuthenticAMD")
        && text.contains("avx512_bf16")
        && family.find()
        && Integer.parseInt(family.group(1)) >= 26;
  }

  /**
   * Whether OpenBLAS takes kernels for AVX-512, which it has for small products too.
   *
   * @param core what OpenBLAS was told; null for nothing
   * @param file as Linux describes processors
   */
  static boolean hasSmallKernels(String core, Path file) {
    return core == null
        ? read(file).contains("avx512bw") && !isUnknown(file)
        : WITH_SMALL_KERNELS.contains(core.toUpperCase(Locale.ROOT));
  }

  /** Nothing where there is no such file. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public List<String> unavailable() {
    return Library.PROBLEM.isEmpty() ? List.of() : List.of(Library.PROBLEM);
  }

  /** Above products in Java. */
  @Override
  public int preference() {
    return 1;
  }

  @Override
  public TileProducts open(int workers) {
    return new OpenBlasProducts(workers, hasSmallKernels(System.getenv(CORE), PROCESSOR));
  }

  /** Loaded once. */
  private static final class Library {
    static final String PROBLEM = load();

    private static String load() {
      try {
        Loader.load(openblas_nolapack.class);
        openblas_nolapack.blas_set_num_threads(1);
        return "";
      } catch (LinkageError e) {
        return "OpenBLAS does not load (" + e + ")";
      }
    }
  }
}
