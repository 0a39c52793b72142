package io.tacet.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Formats numbers for display. */
final class Quantity {
  private static final String[] BYTES = {"B", "KiB", "MiB", "GiB"};

  private Quantity() {}

  /** Three significant digits. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    int decimals = size >= 100 || value == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A tick label: without trailing zeros. */
  static String tick(double value) {
    return new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
  }

  /** A duration as a tick label. */
  static String tickTime(double seconds) {
    return time(seconds).replaceFirst("\\.0+ ", " ");
  }

  /** A duration with its unit. */
  static String time(double seconds) {
    if (Double.isNaN(seconds)) {
      return "-";
    }
    if (seconds >= 1) {
      return number(seconds) + " s";
    }
    if (seconds >= 1e-3) {
      return number(1e3 * seconds) + " ms";
    }
    return seconds >= 1e-6 ? number(1e6 * seconds) + " us" : number(1e9 * seconds) + " ns";
  }

  /** Bytes in powers of 1024. */
  static String bytes(double bytes) {
    if (Double.isNaN(bytes)) {
      return "-";
    }
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit + 1 < BYTES.length) {
      value /= 1024;
      unit++;
    }
    return (value == Math.rint(value) ? Long.toString((long) value) : number(value))
        + " "
        + BYTES[unit];
  }

  /** Bytes or flops per second, in units of 10^9. */
  static String giga(double perSecond) {
    return number(1e-9 * perSecond);
  }

  /** A percentage without decimals, but never 0 % for a positive value. */
  static String percent(double fraction) {
    if (Double.isNaN(fraction)) {
      return "-";
    }
    double percent = 100 * fraction;
    return String.format(Locale.ROOT, percent < 1 ? "%.1g %%" : "%.0f %%", percent);
  }
}
