package io.tacet.exchange;

import io.tacet.egru.EgruVariant;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.GruExchange;
import io.tacet.network.LayerSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.cells.DenseCell;
import io.tacet.network.cells.EgruCell;
import io.tacet.network.cells.EmbeddingCell;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.RnnCell;
import io.tacet.network.cells.WinnersCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Puts {@link ModuleWeights} of other frameworks into the layers of a network that they fit, and
 * takes them out. What fits is decided by kind and shape, and by direction in time; where that
 * leaves a choice, the layers of one recurrent module go by their number, and for others it must be
 * said which is which. A place is named as its arrays begin: {@code layer0}, {@code
 * layer0.reverse}, {@code readout}, {@code embedding}.
 */
public final class ModuleLoader {
  /** Where a module can go. */
  private record Place(
      String name,
      LayerSpec layer,
      Class<? extends ModuleWeights> kind,
      int inputs,
      int outputs,
      EgruVariant variant) {

    boolean fits(String module, ModuleWeights weights) {
      return kind.isInstance(weights)
          && weights.inputs() == inputs
          && weights.outputs() == outputs
          && name.endsWith(".reverse") == isReverse(module);
    }

    @Override
    public String toString() {
      return name + " (" + kind.getSimpleName() + " " + inputs + " x " + outputs + ")";
    }
  }

  private final Network network;
  private final List<Place> places = new ArrayList<>();

  private ModuleLoader(Network network, NetworkSpec spec) {
    this.network = network;
    for (int k = 0; k < spec.layers().size(); k++) {
      addPlaces(spec.names().get(k), spec.layers().get(k), spec.below(k).columns());
    }
  }

  private void addPlaces(String name, LayerSpec layer, int inputs) {
    if (layer instanceof EgruCell.Spec egru) {
      requireDense(name, egru.input());
      requireDense(name, egru.recurrent());
      EgruVariant variant = egru.egru().options().variant();
      for (String strand : egru.strands(name)) {
        places.add(
            new Place(strand, layer, ModuleWeights.Gru.class, inputs, egru.units(), variant));
      }
    } else if (layer instanceof RnnCell.Spec rnn) {
      requireDense(name, rnn.input());
      requireDense(name, rnn.recurrent());
      places.add(new Place(name, layer, ModuleWeights.Rnn.class, inputs, rnn.units(), null));
    } else if (layer instanceof DenseCell.Spec dense) {
      requireDense(name, dense.input());
      places.add(new Place(name, layer, ModuleWeights.Linear.class, inputs, dense.units(), null));
    } else if (layer instanceof LinearReadout.Spec readout && !readout.tied()) {
      places.add(
          new Place(name, layer, ModuleWeights.Linear.class, inputs, readout.outputs(), null));
    } else if (layer instanceof EmbeddingCell.Spec table) {
      places.add(new Place(name, layer, ModuleWeights.Table.class, inputs, table.columns(), null));
    } else if (!(layer instanceof WinnersCell.Spec)) {
      throw new IllegalArgumentException(
          name
              + ": expected layers that other frameworks have, dense ones, .gru, .egru, .rnn,"
              + " embeddings and read-outs of their own weights, got ."
              + layer.cell()
              + "(...).");
    }
  }

  private static void requireDense(String name, Connection connection) {
    if (!connection.isDense()) {
      throw new IllegalArgumentException(
          name
              + ": expected dense weights, as other frameworks have, got "
              + connection.toMap()
              + ".");
    }
  }

  private static boolean isReverse(String module) {
    return module.endsWith("_reverse") || module.contains("backward");
  }

  /**
   * Loads all weights of a network.
   *
   * @param modules by name, as {@link TorchNames} and {@link KerasNames} read them
   * @param chosen names of modules by the place they go to, where there is a choice; may be empty
   * @throws IllegalArgumentException if a place or a name is unknown, a place has no module that
   *     fits, or several, or a module is left; nothing changes then
   */
  public static void load(
      Network network, Map<String, ModuleWeights> modules, Map<String, String> chosen) {
    ModuleLoader loader = new ModuleLoader(network, network.spec());
    loader.matched(modules, chosen).forEach(loader::put);
  }

  /**
   * Refuses a structure that such modules cannot fill, before a network of it takes memory.
   *
   * @param numbers that the modules have in all
   * @throws IllegalArgumentException if it has a layer that no module is for, or needs more numbers
   */
  static void requireNumbers(NetworkSpec spec, long numbers) {
    double needed = 0;
    for (Place place : new ModuleLoader(null, spec).places) {
      needed += (double) place.inputs() * place.outputs();
    }
    if (needed > numbers) {
      throw new IllegalArgumentException(
          String.format(
              "structure: expected one of at most %d weights, as many as there are, got %.0f.",
              numbers, needed));
    }
  }

  private Map<Place, ModuleWeights> matched(
      Map<String, ModuleWeights> modules, Map<String, String> chosen) {
    Map<Place, List<String>> open = new LinkedHashMap<>();
    for (Place place : places) {
      open.put(place, candidates(place, modules, chosen.get(place.name())));
    }
    for (String name : chosen.keySet()) {
      if (places.stream().noneMatch(place -> place.name().equals(name))) {
        throw new IllegalArgumentException(
            "settings: expected places of the network, " + places + ", got '" + name + "'.");
      }
    }
    Map<Place, String> found = new LinkedHashMap<>();
    while (!open.isEmpty()) {
      Map.Entry<Place, List<String>> next =
          open.entrySet().stream()
              .filter(entry -> entry.getValue().size() <= 1)
              .findFirst()
              .orElseGet(() -> inOrder(open));
      Place place = next.getKey();
      if (next.getValue().isEmpty()) {
        throw new IllegalArgumentException(
            place
                + ": expected weights of that kind and shape, got "
                + described(modules)
                + ", of which none is left for it.");
      }
      String module = next.getValue().get(0);
      found.put(place, module);
      open.remove(place);
      open.values().forEach(names -> names.removeIf(name -> sameArray(name, module)));
    }
    requireAllUsed(modules, found);
    Map<Place, ModuleWeights> weights = new LinkedHashMap<>();
    found.forEach((place, name) -> weights.put(place, checked(place, name, modules.get(name))));
    return weights;
  }

  private static List<String> candidates(
      Place place, Map<String, ModuleWeights> modules, String wanted) {
    List<String> fitting =
        modules.keySet().stream()
            .filter(name -> wanted == null || sameArray(name, wanted))
            .filter(name -> place.fits(name, modules.get(name)))
            .collect(Collectors.toCollection(ArrayList::new));
    if (wanted != null && fitting.isEmpty()) {
      throw new IllegalArgumentException(
          place + ": expected '" + wanted + "' to fit, got " + described(modules) + ".");
    }
    return fitting;
  }

  /** The first place with a choice, if the choice is among numbered layers of one module. */
  private static Map.Entry<Place, List<String>> inOrder(Map<Place, List<String>> open) {
    Map.Entry<Place, List<String>> first = open.entrySet().iterator().next();
    List<String> names = first.getValue();
    long rivals = open.values().stream().filter(other -> other.equals(names)).count();
    List<String> modules = names.stream().map(ModuleLoader::module).distinct().toList();
    if (rivals != names.size() || modules.size() != 1 || modules.get(0).isEmpty()) {
      throw new IllegalArgumentException(
          first.getKey()
              + ": expected one module that fits, got "
              + names
              + ". Say which it is, such as with the setting "
              + first.getKey().name()
              + "="
              + names.get(0)
              + ".");
    }
    List<String> sorted = new ArrayList<>(names);
    sorted.sort((a, b) -> Integer.compare(number(a), number(b)));
    return Map.entry(first.getKey(), sorted);
  }

  /** Name of a recurrent module up to the number of its layer; empty for another. */
  private static String module(String name) {
    int at = name.lastIndexOf(".l");
    String rest = at < 0 ? "" : name.substring(at + 2);
    return rest.matches("\\d{1,6}(_reverse)?") ? name.substring(0, at + 2) : "";
  }

  private static int number(String name) {
    String rest = name.substring(name.lastIndexOf(".l") + 2);
    return Integer.parseInt(rest.replace("_reverse", ""));
  }

  /** A matrix without a bias is there twice, as a linear map and as a table. */
  private static boolean sameArray(String a, String b) {
    return a.replace(TorchNames.AS_TABLE, "").equals(b.replace(TorchNames.AS_TABLE, ""));
  }

  private static void requireAllUsed(Map<String, ModuleWeights> modules, Map<Place, String> found) {
    List<String> left =
        modules.keySet().stream()
            .filter(name -> found.values().stream().noneMatch(used -> sameArray(used, name)))
            .toList();
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "weights: expected those of "
              + found.keySet()
              + ", got others, too: "
              + left
              + ". Give the network the layers they belong to, or leave them out of the file.");
    }
  }

  private static String described(Map<String, ModuleWeights> modules) {
    return modules.entrySet().stream()
        .map(
            entry ->
                String.format(
                    "%s (%s %d x %d)",
                    entry.getKey(),
                    entry.getValue().kind(),
                    entry.getValue().inputs(),
                    entry.getValue().outputs()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static ModuleWeights checked(Place place, String name, ModuleWeights weights) {
    if (weights instanceof ModuleWeights.Gru gru && gru.weights().variant() != place.variant()) {
      throw new IllegalArgumentException(
          place
              + ": expected a GRU of the variant "
              + place.variant()
              + ", got '"
              + name
              + "' of "
              + gru.weights().variant()
              + ". Build the network with that variant.");
    }
    return weights;
  }

  private void put(Place place, ModuleWeights weights) {
    Map<String, DeviceArray> arrays = network.arrays();
    String name = place.name();
    if (weights instanceof ModuleWeights.Gru gru) {
      GruExchange.put(network, name, gru.weights());
    } else if (weights instanceof ModuleWeights.Rnn rnn) {
      copy(rnn.input(), arrays.get(name + ".inputWeights"));
      copy(rnn.recurrent(), arrays.get(name + ".recurrentWeights"));
      copy(rnn.bias(), arrays.get(name + ".bias"));
    } else if (weights instanceof ModuleWeights.Linear linear) {
      boolean dense = place.layer() instanceof DenseCell.Spec;
      copy(
          dense
              ? linear.weights()
              : ModuleWeights.turned(linear.weights(), place.inputs(), place.outputs()),
          arrays.get(name + (dense ? ".inputWeights" : ".weights")));
      copy(linear.bias(), arrays.get(name + ".bias"));
    } else if (weights instanceof ModuleWeights.Table table) {
      copy(table.rows(), arrays.get(name + ".weights"));
    }
  }

  private static void copy(float[] values, DeviceArray to) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, k -> values[k]);
    to.copyFrom(wide);
  }

  private static float[] floats(DeviceArray array) {
    double[] wide = array.toDoubles();
    float[] values = new float[wide.length];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) wide[k];
    }
    return values;
  }

  /**
   * The weights of a network by place, in single precision.
   *
   * @throws IllegalArgumentException if it has a layer that other frameworks do not have
   */
  public static Map<String, ModuleWeights> of(Network network) {
    ModuleLoader loader = new ModuleLoader(network, network.spec());
    Map<String, ModuleWeights> all = new LinkedHashMap<>();
    loader.places.forEach(place -> all.put(place.name(), loader.taken(place)));
    return all;
  }

  private ModuleWeights taken(Place place) {
    Map<String, DeviceArray> arrays = network.arrays();
    String name = place.name();
    if (place.kind() == ModuleWeights.Gru.class) {
      return new ModuleWeights.Gru(GruExchange.of(network, name));
    }
    if (place.kind() == ModuleWeights.Rnn.class) {
      return new ModuleWeights.Rnn(
          floats(arrays.get(name + ".inputWeights")),
          floats(arrays.get(name + ".recurrentWeights")),
          floats(arrays.get(name + ".bias")));
    }
    if (place.kind() == ModuleWeights.Table.class) {
      float[] rows = floats(arrays.get(name + ".weights"));
      return new ModuleWeights.Table(rows, place.inputs(), place.outputs());
    }
    boolean dense = place.layer() instanceof DenseCell.Spec;
    float[] weights = floats(arrays.get(name + (dense ? ".inputWeights" : ".weights")));
    return new ModuleWeights.Linear(
        dense ? weights : ModuleWeights.turned(weights, place.outputs(), place.inputs()),
        floats(arrays.get(name + ".bias")));
  }
}
