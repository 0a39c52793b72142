package io.tacet.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tacet.fuzz.FileTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.TypeConversionException;

/** Values of options with a syntax of their own get any text, see {@link FileTarget}. */
class ValueFuzzTest {
  private static final FileTarget SEEDS =
      new FileTarget("--seeds: ", of(Seeds::parse), () -> texts("0-4", "1,3,9", "-2--1"));
  private static final FileTarget SIZE =
      new FileTarget("expected", of(new ByteSize()::convert), () -> texts("512M", "12g", "4096"));

  /** Bad text gives an IOException, as bad files do. */
  private static FileTarget.Reader of(Function<String, Object> parser) {
    return (Path file) -> {
      try {
        return parser.apply(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      } catch (IllegalArgumentException | TypeConversionException e) {
        throw new IOException(e.getMessage(), e);
      }
    };
  }

  private static List<byte[]> texts(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  static Stream<byte[]> seeds() {
    return SEEDS.seeds();
  }

  @MethodSource
  @FuzzTest
  void seeds(byte[] bytes) {
    SEEDS.check(bytes);
  }

  static Stream<byte[]> size() {
    return SIZE.seeds();
  }

  @MethodSource
  @FuzzTest
  void size(byte[] bytes) {
    SIZE.check(bytes);
  }
}
