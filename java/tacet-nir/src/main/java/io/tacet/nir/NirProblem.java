package io.tacet.nir;

import io.tacet.files.FileFormatException;
import java.nio.file.Path;

/** A graph is not one, or no network computes it; known to be reported with the name of a file. */
final class NirProblem extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String remedy;

  /**
   * Reports a problem.
   *
   * @param problem what was expected and what was found, and where, without a full stop
   * @param remedy what to do, as a sentence
   */
  NirProblem(String problem, String remedy) {
    super(problem + ". " + remedy);
    this.problem = problem;
    this.remedy = remedy;
  }

  /** A problem of a node. */
  static NirProblem of(String node, NirKind kind, String problem, String remedy) {
    return new NirProblem("node '" + node + "' (" + kind.type() + "): " + problem, remedy);
  }

  /** The same of a file. */
  FileFormatException in(Path file) {
    FileFormatException of = new FileFormatException(file, problem, remedy);
    of.initCause(this);
    return of;
  }
}
