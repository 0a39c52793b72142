package io.tacet.openblas;

import io.tacet.spi.TileProducts;
import io.tacet.spi.TileProductsProvider;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Offers OpenBLAS to the java backend. Sets the number of threads of the OpenBLAS that is loaded to
 * 1, for all its users in the process: the java backend has threads of its own.
 */
public final class OpenBlasProvider implements TileProductsProvider {
  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public String description() {
    return openblas_nolapack.OPENBLAS_VERSION.strip();
  }

  @Override
  public List<String> unavailable() {
    return Library.PROBLEM.isEmpty() ? List.of() : List.of(Library.PROBLEM);
  }

  @Override
  public TileProducts open(int workers) {
    return new OpenBlasProducts(workers);
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
