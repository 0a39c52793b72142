package io.tacet.files;

/** What gzip, ZIP and the filters of HDF5 have in common. */
public final class Deflate {
  /** Most bytes that one packed byte can become. */
  public static final long MOST = 1032;

  private Deflate() {}
}
