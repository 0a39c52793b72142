package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTest {
  @TempDir Path folder;

  @Test
  void charactersAreNumberedInTheOrderOfUnicode() throws IOException {
    Path file = Files.writeString(folder.resolve("text.txt"), "banana\u00e4");
    Text text = Text.characters(file, "");
    assertThat(text.vocabulary()).containsExactly("a", "b", "n", "\u00e4");
    assertThat(text.tokens()).containsExactly(1, 0, 2, 0, 2, 0, 3);
  }

  @Test
  void wordsEndTheirLinesAndUnknownOnesHaveAToken() throws IOException {
    Path train = Files.writeString(folder.resolve("train.txt"), " the <unk> cat \n\n");
    Path test = Files.writeString(folder.resolve("test.txt"), "the dog\n");
    Text text = Text.words(train, null, "");
    assertThat(text.vocabulary()).containsExactly("the", "<unk>", "cat", "<eos>");
    assertThat(text.tokens()).containsExactly(0, 1, 2, 3, 3);
    assertThat(Text.words(test, text.vocabulary(), "").tokens()).containsExactly(0, 1, 3);
  }

  @Test
  void anUnknownWordWithoutATokenForItIsNamed() throws IOException {
    Path test = Files.writeString(folder.resolve("test.txt"), "the\ndog\n");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Text.words(test, List.of("the", "<eos>"), ""))
        .withMessageContainingAll("test.txt", "\"dog\"", "line 2");
  }

  @Test
  void charactersOfAnotherTextHaveTheNumbersOfTheFirst() throws IOException {
    Path test = Files.writeString(folder.resolve("test.txt"), "nab");
    Text text = Text.characters(test, List.of("a", "b", "n"), "");
    assertThat(text.tokens()).containsExactly(2, 0, 1);
    assertThat(text.vocabulary()).containsExactly("a", "b", "n");
    Files.writeString(test, "na\ud83d\ude00");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Text.characters(test, List.of("a", "n"), ""))
        .withMessageContainingAll("test.txt", "U+1F600", "character 3");
  }

  @Test
  void missingEmptyAndBinaryFilesAreNamed() throws IOException {
    Path file = folder.resolve("text.txt");
    assertThatExceptionOfType(MissingDataException.class)
        .isThrownBy(() -> Text.characters(file, "Get it there."))
        .withMessageContainingAll("text.txt", "Get it there.");
    Files.writeString(file, "\n");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Text.characters(file, ""))
        .withMessageContaining("found none");
    Files.write(file, new byte[] {'a', (byte) 0xff, (byte) 0xfe});
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Text.characters(file, ""))
        .withMessageContaining("UTF-8");
  }
}
