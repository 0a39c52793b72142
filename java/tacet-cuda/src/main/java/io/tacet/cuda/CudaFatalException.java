package io.tacet.cuda;

/**
 * A CUDA error that does not go away, such as an access to an illegal address. No GPU work is
 * possible in this process any more: save what is on the host and restart it.
 */
public class CudaFatalException extends CudaException {
  private static final long serialVersionUID = 1L;

  public CudaFatalException(String message) {
    super(message + ". The GPU cannot be used by this process any more; restart it.");
  }
}
