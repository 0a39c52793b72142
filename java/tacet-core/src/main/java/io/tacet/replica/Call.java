package io.tacet.replica;

import java.util.List;

/** What a replica has called. */
interface Call {
  /** Equal for calls that can be made together: the operation, its settings and its arrays. */
  Object key();

  /** For this replica only. */
  void alone();

  /**
   * For all replicas at once.
   *
   * @param all the calls of those that are still there, with equal keys
   */
  void together(List<Call> all);
}
