package io.tacet.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers of bytes as the JVM's own options have them: 4096, 512M, 12G. */
final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})([kKmMgG]?)");

  @Override
  public Long convert(String value) {
    Matcher matcher = SIZE.matcher(value);
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "expected a number of bytes such as 512M or 12G, got '" + value + "'");
    }
    long unit =
        switch (matcher.group(2)) {
          case "" -> 1;
          case "k", "K" -> 1L << 10;
          case "m", "M" -> 1L << 20;
          default -> 1L << 30;
        };
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
  }
}
