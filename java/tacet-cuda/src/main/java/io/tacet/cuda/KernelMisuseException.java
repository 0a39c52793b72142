package io.tacet.cuda;

/** Host execution caught a kernel breaking CUDA's rules; a defect of Tacet, to be reported. */
public class KernelMisuseException extends CudaException {
  private static final long serialVersionUID = 1L;

  public KernelMisuseException(String message) {
    super(message);
  }
}
