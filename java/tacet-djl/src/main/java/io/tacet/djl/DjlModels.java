package io.tacet.djl;

import ai.djl.Model;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Translator;
import io.tacet.network.Network;

/**
 * Networks as models of DJL, for its predictors:
 *
 * <pre>{@code
 * try (ZooModel<float[], Classifications> model = DjlModels.of("frequencies", network, translator);
 *     Predictor<float[], Classifications> predictor = model.newPredictor()) {
 *   predictor.batchPredict(signals);
 * }
 * }</pre>
 *
 * <p>The arrays in between are those of DJL's default engine, which has to be on the class path.
 */
public final class DjlModels {
  private DjlModels() {}

  /**
   * A model around a network, which stays the caller's and has to be open longer.
   *
   * @param name what DJL calls it
   * @param network on steps with a read-out, see {@link TacetBlock}
   * @throws IllegalArgumentException if it is another one
   */
  public static Model of(String name, Network network) {
    TacetBlock block = new TacetBlock(network);
    Model model = Model.newInstance(name);
    model.setBlock(block);
    // A model closes its manager, and nothing else.
    model.getNDManager().attachInternal("tacet-" + name, block);
    return model;
  }

  /**
   * The same with a translator from and to what an application has.
   *
   * @param translator makes [steps][channels] of an input, which its batchifier stacks, and the
   *     application's output of the values of a sample
   */
  public static <I, O> ZooModel<I, O> of(
      String name, Network network, Translator<I, O> translator) {
    return new ZooModel<>(of(name, network), translator);
  }
}
