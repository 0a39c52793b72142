package io.tacet.tasks;

import io.tacet.data.CsvSequences;
import io.tacet.data.Dataset;
import io.tacet.data.NpzSequences;
import io.tacet.data.Recordings;
import io.tacet.data.SequenceData;
import io.tacet.data.SequenceSplit;
import io.tacet.data.SpikeLayout;
import io.tacet.data.SpikeLists;
import io.tacet.data.Text;
import io.tacet.files.FileFormatException;
import io.tacet.network.Flow;
import io.tacet.network.InputSpec;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Data sets in files of a user's own, in a format that the input of a network takes: sequences from
 * {@code .npz} and {@code .csv}, spikes from {@code .csv}, with a second file for the labels, and
 * {@code .h5}, tokens from {@code .txt}. The extension tells the format. What does not fit the
 * network is refused in a sentence that names the file and the key of the network's description.
 *
 * @param spec of the network
 */
public record OwnData(NetworkSpec spec) {
  private static final String CHANGE = "Change the file or the network.";
  private static final String TEXT_REMEDY = "Name a text in UTF-8.";

  /**
   * A labelled set.
   *
   * @param file sequences or spikes
   * @param labels file of the labels of a table of spikes; null for other formats
   * @param test whether {@code x_test} of an {@code .npz} is meant, where it is there
   * @throws IOException if it cannot be read, or is not what the network takes
   */
  public Dataset labelled(Path file, Path labels, boolean test) throws IOException {
    requireKnown(file);
    requireNoLabels(file, labels);
    if (spec.input() instanceof InputSpec.Sequence) {
      SequenceSplit split = is(file, ".npz") ? NpzSequences.read(file) : CsvSequences.read(file);
      return fitting(file, test && split.hasTest() ? split.test() : split.train());
    }
    if (is(file, ".csv") && labels == null) {
      throw new FileFormatException(
          file,
          "expected a second table with the columns sample,label beside this one of spikes",
          "Name it as labels.");
    }
    return is(file, ".csv")
        ? SpikeLists.csv(file, labels, layout())
        : SpikeLists.hdf5(file, layout());
  }

  /**
   * A labelled set of event-camera recordings.
   *
   * @param labels table of the classes; null where subfolders are the classes
   * @param classes names of the outputs
   * @throws IOException if it cannot be read, or is not what the network takes
   */
  public Dataset recordings(Path folder, Path labels, Recordings camera, List<String> classes)
      throws IOException {
    double duration = spec.input().duration();
    if (Double.isNaN(duration)) {
      throw new FileFormatException(
          folder,
          "expected an input of the kind spikes or bins for recordings (network.input.kind), found "
              + spec.input().toMap().get("kind"),
          CHANGE);
    }
    if (camera.sources() != spec.input().flow().columns()) {
      throw new FileFormatException(
          folder,
          "expected "
              + camera.sources()
              + " as network.input.channels, pooled pixels of both polarities, found "
              + spec.input().flow().columns(),
          "Change it, or width, height and pool.");
    }
    return labels == null
        ? camera.read(folder, classes, duration)
        : camera.read(folder, labels, spec.outputs(), duration);
  }

  /** Samples whose classes are to be predicted; labels may be missing. Throws as labelled. */
  public Dataset samples(Path file) throws IOException {
    requireKnown(file);
    if (spec.input() instanceof InputSpec.Sequence) {
      return fitting(
          file, is(file, ".npz") ? NpzSequences.samples(file) : CsvSequences.samples(file));
    }
    return is(file, ".csv") ? SpikeLists.csv(file, layout()) : SpikeLists.hdf5(file, layout());
  }

  /**
   * A text.
   *
   * @param words whether tokens are words, else characters
   * @param vocabulary known tokens; null to take those of the file
   */
  public Text text(Path file, boolean words, List<String> vocabulary) throws IOException {
    requireKnown(file);
    Text text =
        words
            ? Text.words(file, vocabulary, TEXT_REMEDY)
            : Text.characters(file, vocabulary, TEXT_REMEDY);
    int found = text.vocabulary().size();
    if (found != spec.input().flow().columns() || found != spec.outputs()) {
      throw new FileFormatException(
          file,
          String.format(
              Locale.ROOT,
              "expected %d different %s as network.input.vocabulary says and %d as there are"
                  + " outputs, found %d",
              spec.input().flow().columns(),
              words ? "words" : "characters",
              spec.outputs(),
              found),
          "Set both to " + found + ".");
    }
    return text;
  }

  /** Whether the network reads a text. */
  public boolean readsText() {
    return spec.input().flow().kind() == Flow.Kind.TOKENS;
  }

  private SequenceData fitting(Path file, SequenceData data) throws FileFormatException {
    int channels = spec.input().flow().columns();
    if (data.channels() != channels) {
      throw new FileFormatException(
          file,
          "expected "
              + channels
              + " channels at every step as network.input.channels says, found "
              + data.channels(),
          CHANGE);
    }
    if (data.classes() > spec.outputs()) {
      throw new FileFormatException(
          file,
          String.format(
              Locale.ROOT,
              "expected labels from 0 to %d, as the last of network.layers has %d outputs, found"
                  + " %d",
              spec.outputs() - 1,
              spec.outputs(),
              data.classes() - 1),
          CHANGE);
    }
    if (data.targets() > 0
        && (data.targets() != spec.outputs()
            || data.targetsAtEveryStep() != spec.readsEveryStep())) {
      throw new FileFormatException(
          file,
          String.format(
              "expected %d targets %s, as the last of network.layers gives, found %d %s",
              spec.outputs(),
              when(spec.readsEveryStep()),
              data.targets(),
              when(data.targetsAtEveryStep())),
          "Change the file or the network (reads: every-step, last-step or trace).");
    }
    return data;
  }

  private static String when(boolean everyStep) {
    return everyStep ? "at every step" : "for each sequence";
  }

  private SpikeLayout layout() {
    return new SpikeLayout(spec.input().flow().columns(), spec.outputs(), 0);
  }

  private void requireNoLabels(Path file, Path labels) throws FileFormatException {
    boolean table = is(file, ".csv") && !(spec.input() instanceof InputSpec.Sequence);
    if (labels != null && !table) {
      throw new FileFormatException(
          file,
          "expected no second file of labels, which only a .csv of spikes has, found " + labels,
          "Leave it out.");
    }
  }

  private void requireKnown(Path file) throws FileFormatException {
    List<String> known =
        switch (spec.input().flow().kind()) {
          case TOKENS -> List.of(".txt");
          default ->
              spec.input() instanceof InputSpec.Sequence
                  ? List.of(".npz", ".csv")
                  : List.of(".csv", ".h5", ".hdf5");
        };
    if (known.stream().noneMatch(extension -> is(file, extension))) {
      throw new FileFormatException(
          file,
          "expected a name that ends in "
              + String.join(" or ", known)
              + " for an input of the kind "
              + spec.input().toMap().get("kind")
              + " (network.input.kind)",
          CHANGE);
    }
  }

  private static boolean is(Path file, String extension) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(extension);
  }
}
