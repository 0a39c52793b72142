package io.tacet.cuda;

/**
 * Host execution detected a kernel that violates CUDA's rules; this is a bug in Tacet, please
 * report it.
 */
public class KernelMisuseException extends CudaException {
  private static final long serialVersionUID = 1L;

  public KernelMisuseException(String message) {
    super(message);
  }
}
