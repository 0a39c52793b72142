package io.tacet.reference;

import io.tacet.Backend;
import io.tacet.memory.ArrayBytes;
import io.tacet.memory.DType;
import io.tacet.memory.ForeignMemory;
import io.tacet.spi.DenseKernels;
import io.tacet.spi.EgruKernels;
import io.tacet.spi.EliminationKernels;
import io.tacet.spi.EventPropKernels;
import io.tacet.spi.GridKernels;
import io.tacet.spi.Kernels;
import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.PlasticityKernels;
import io.tacet.spi.PropagationKernels;
import io.tacet.spi.RewiringKernels;
import io.tacet.spi.RnnKernels;
import io.tacet.spi.SimulationKernels;
import io.tacet.spi.Storage;
import io.tacet.spi.TileProductsProvider;
import io.tacet.spi.VectorLoops;
import io.tacet.spi.VectorLoopsProvider;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The pure-Java backend. Uses {@code tacet.threads} threads, by default one per processor; results
 * do not depend on their number. Large dense products in single precision are those of a library
 * where {@code tacet-openblas} is on the class path; the property {@code tacet.products} may be
 * {@code java} for none, or the name of a library that is then required. Loops that HotSpot does
 * not turn into vector instructions are those of {@code tacet-vector} where it is there and the JVM
 * was started with {@code --add-modules jdk.incubator.vector}; the property is {@code tacet.loops}.
 */
public final class JavaBackend implements Backend {
  private final ArrayBytes arrayBytes = new ArrayBytes();
  private final Workers workers;
  private final EventPropKernels eventProp;
  private final PropagationKernels propagation;
  private final EliminationKernels elimination;
  private final GridKernels grid;
  private final SimulationKernels simulation;
  private final EgruKernels egru;
  private final RnnKernels rnn;
  private final TiledProduct products;
  private final DenseKernels dense;
  private final RewiringKernels rewiring;
  private final PlasticityKernels plasticity;
  private final OptimizerKernels optimizer;

  public JavaBackend() {
    this(Integer.getInteger("tacet.threads", Runtime.getRuntime().availableProcessors()));
  }

  /**
   * @param threads number of threads, at least 1
   */
  public JavaBackend(int threads) {
    List<TileProductsProvider> libraries =
        OptionalProviders.chosen("tacet.products", TileProductsProvider.class);
    VectorLoops loops = loops();
    workers = new Workers(threads);
    eventProp = new JavaEventProp(workers);
    propagation = new JavaPropagation(workers);
    elimination = new JavaElimination(workers);
    grid = new JavaGrid(workers);
    simulation = new JavaSimulation(workers);
    products = new TiledProduct(workers, libraries);
    egru = new JavaEgru(workers, products, loops);
    rnn = new JavaRnn(workers, products);
    dense = new JavaDense(workers, products);
    rewiring = new JavaRewiring(workers);
    plasticity = new JavaPlasticity(workers);
    optimizer = new JavaOptimizer(workers);
  }

  /** Null where there are none. */
  private static VectorLoops loops() {
    for (VectorLoopsProvider provider :
        OptionalProviders.chosen("tacet.loops", VectorLoopsProvider.class)) {
      if (provider.unavailable().isEmpty()) {
        return provider.open();
      }
    }
    return null;
  }

  @Override
  public void forEach(int tasks, IntConsumer task) {
    workers.run(tasks, (t, worker) -> task.accept(t));
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  public String description() {
    return "Java "
        + Runtime.version().feature()
        + " on "
        + System.getProperty("os.arch")
        + ", "
        + workers.count()
        + (workers.count() == 1 ? " thread" : " threads");
  }

  @Override
  public boolean supports(DType type) {
    return true;
  }

  @Override
  public Storage allocateStorage(DType type, long length) {
    return new HeapStorage(type, length);
  }

  @Override
  public Storage wrapStorage(ForeignMemory memory) {
    return HeapStorage.over(memory);
  }

  @Override
  public Kernels kernels() {
    return new Kernels() {
      @Override
      public EventPropKernels eventProp() {
        return eventProp;
      }

      @Override
      public PropagationKernels propagation() {
        return propagation;
      }

      @Override
      public EliminationKernels elimination() {
        return elimination;
      }

      @Override
      public GridKernels grid() {
        return grid;
      }

      @Override
      public SimulationKernels simulation() {
        return simulation;
      }

      @Override
      public EgruKernels egru() {
        return egru;
      }

      @Override
      public RnnKernels rnn() {
        return rnn;
      }

      @Override
      public DenseKernels dense() {
        return dense;
      }

      @Override
      public RewiringKernels rewiring() {
        return rewiring;
      }

      @Override
      public PlasticityKernels plasticity() {
        return plasticity;
      }

      @Override
      public OptimizerKernels optimizer() {
        return optimizer;
      }
    };
  }

  @Override
  public ArrayBytes arrayBytes() {
    return arrayBytes;
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {
    workers.close();
    products.close();
  }
}
