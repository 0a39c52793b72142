package io.tacet.cuda;

/**
 * Thrown instead of invalidating a graph capture: the stream of the backend is being captured, and
 * the requested operation has to wait for it or allocates memory on it. Nothing was done, and the
 * capture continues.
 */
public final class StreamCaptureException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what the requested operation
   */
  public StreamCaptureException(String what) {
    super(
        "stream: expected one that is not being captured for "
            + what
            + ", got one that is. Do it before cudaStreamBeginCapture or after"
            + " cudaStreamEndCapture; allocate all arrays before, and run the operation once so"
            + " that it has its scratch memory. An operation that reads a count or a length back"
            + " cannot become part of a graph.");
  }
}
