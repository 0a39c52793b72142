package io.tacet.cuda;

/**
 * Thrown instead of ending the capture of a graph: the stream of the backend is being captured, and
 * what was asked for has to wait for it or allocates memory in its order. Nothing was done, and the
 * capture goes on.
 */
public final class StreamCaptureException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what was asked for
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
