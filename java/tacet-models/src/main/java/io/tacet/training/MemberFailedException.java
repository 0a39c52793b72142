package io.tacet.training;

/** Another member of a {@link Communicator}'s group failed; its own error says why. */
public final class MemberFailedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  MemberFailedException() {
    super("Another member of the group has failed; its own error says why.");
  }

  /**
   * With what is known of it.
   *
   * @param cause null for none
   */
  public MemberFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
