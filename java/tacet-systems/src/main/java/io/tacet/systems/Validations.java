package io.tacet.systems;

import io.tacet.files.Suggestion;
import io.tacet.systems.dentate.DentateValidation;
import io.tacet.systems.metacog.MetacognitionValidation;
import io.tacet.systems.multitask.MultitaskValidation;
import io.tacet.systems.olfaction.OdorValidation;
import io.tacet.systems.olfaction.ReceptorsValidation;
import io.tacet.systems.sernn.SernnValidation;
import java.util.List;

/** The list of all validations. */
public final class Validations {
  private static final List<Validation> ALL =
      List.of(
          new OdorValidation(),
          new ReceptorsValidation(),
          new DentateValidation(),
          new MultitaskValidation(),
          new MetacognitionValidation(),
          new SernnValidation());

  private Validations() {}

  /** All of them. */
  public static List<Validation> all() {
    return ALL;
  }

  /**
   * The one of that name.
   *
   * @throws IllegalArgumentException if there is none; names all, and the nearest
   */
  public static Validation of(String name) {
    List<String> names = ALL.stream().map(Validation::name).toList();
    return ALL.stream()
        .filter(validation -> validation.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "system: expected one of "
                        + String.join(", ", names)
                        + " or all, got '"
                        + name
                        + "'."
                        + Suggestion.sentence(name, names)));
  }
}
