package io.tacet.faults;

/** Counts operations and says when one of them is to fail. */
public final class Faults {
  /** Of the exceptions. */
  public static final String MESSAGE = "a test lets this fail";

  private int remaining;
  private int done;

  /** Lets the number-th operation from now on fail; 0: none, and all are counted. */
  public void letFail(int number) {
    remaining = number;
    done = 0;
  }

  /** Operations since {@link #letFail}. */
  public int done() {
    return done;
  }

  /** To be called before an operation; whether it is to fail. */
  boolean now() {
    done++;
    return --remaining == 0;
  }
}
