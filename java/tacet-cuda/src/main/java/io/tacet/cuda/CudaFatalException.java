package io.tacet.cuda;

/**
 * A sticky CUDA error, such as an access to an illegal address. This process can no longer use the
 * GPU: save what is on the host and restart it.
 */
public class CudaFatalException extends CudaException {
  private static final long serialVersionUID = 1L;

  public CudaFatalException(String message) {
    super(message + ". The GPU cannot be used by this process any more; restart it.");
  }
}
