package io.tacet.systems;

import java.io.IOException;

/** A published system and the gates that our version of it has to pass. */
public interface Validation {

  /** By which it is called on the command line, such as {@code odor}. */
  String name();

  /** What it is, in a few words. */
  String title();

  /** Publication or talk it is from. */
  String source();

  /**
   * Simulates or trains, adds all gates and figures to the report, and writes pictures into the
   * output folder.
   *
   * @throws IOException if a picture cannot be written
   */
  void run(ValidationRun run, Report report) throws IOException;
}
