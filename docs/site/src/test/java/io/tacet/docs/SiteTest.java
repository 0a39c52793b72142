package io.tacet.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
  @TempDir Path folder;

  private Path project;
  private Path out;

  @BeforeEach
  void aSmallProject() throws IOException {
    project = folder.resolve("project");
    out = folder.resolve("site");
    write(
        "README.md",
        """
        # A & B

        [guide](docs/guide.md#second-part) ![map](docs/map.svg)
        """);
    write("docs/README.md", "[guide](guide.md) [start](../README.md)");
    write(
        "docs/guide.md",
        "# Guide\n\n## Second part\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[all](parts)\n");
    write("docs/map.svg", "<svg/>");
    write("docs/parts/one.txt", "1");
  }

  private void write(String name, String text) throws IOException {
    Path file = project.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private String page(String name) throws IOException {
    return Files.readString(out.resolve(name));
  }

  @Test
  void pagesLinkToPages() throws IOException {
    assertThat(Site.write(project, out)).isEqualTo(3);
    assertThat(page("index.html"))
        .contains(
            "<title>A &amp; B</title>",
            "href=\"style.css\"",
            "<nav>",
            "href=\"docs/guide.html\"",
            "href=\"docs/guide.html#second-part\"",
            "src=\"docs/map.svg\"");
    assertThat(page("docs/guide.html"))
        .contains(
            "href=\"../style.css\"",
            "href=\"../index.html\"",
            "href=\"parts/index.html\"",
            "id=\"second-part\"",
            "<td>1</td>");
    assertThat(page("docs/map.svg")).isEqualTo("<svg/>");
    assertThat(page("docs/parts/index.html")).contains("<code>one.txt</code>");
  }

  @Test
  void linksThatLeadNowhereAreListed() throws IOException {
    write(
        "docs/guide.md",
        "[a](none.md) [b](../README.md#none) [c](https://example.org/x) [d](../../out)");
    assertThatThrownBy(() -> Site.write(project, out))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            """
            Links lead nowhere:
            README.md: docs/guide.md#second-part: no such heading
            docs/guide.md: ../../out: no such file
            docs/guide.md: ../README.md#none: no such heading
            docs/guide.md: none.md: no such file\
            """);
    assertThat(out).doesNotExist();
  }
}
