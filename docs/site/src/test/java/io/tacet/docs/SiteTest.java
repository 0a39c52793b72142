package io.tacet.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
  @TempDir Path folder;

  private Path project;
  private Path site;
  private Path out;

  @BeforeEach
  void aSmallProject() throws IOException {
    project = folder.resolve("project");
    site = folder.resolve("site");
    out = site.resolve("0.1.0");
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
    assertThat(Site.write(project, site, "0.1.0")).isEqualTo(3);
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
  void versionsLieSideBySide() throws IOException {
    for (String version : List.of("0.9.0", "0.10.0", "0.10.0-SNAPSHOT")) {
      Site.write(project, site, version);
    }
    assertThat(Files.readString(site.resolve("index.html")))
        .containsSubsequence(
            "href=\"0.10.0/index.html\"",
            "href=\"0.10.0-SNAPSHOT/index.html\"",
            "href=\"0.9.0/index.html\"");
    out = site.resolve("0.9.0");
    assertThat(page("docs/guide.html")).contains("<a href=\"../../index.html\">Version 0.9.0</a>");
    assertThatThrownBy(() -> Site.write(project, site, "1/../.."))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("version: expected letters, digits");
  }

  @Test
  void linksThatLeadNowhereAreListed() throws IOException {
    write(
        "docs/guide.md",
        "[a](none.md) [b](../README.md#none) [c](https://example.org/x) [d](../../out)");
    assertThatThrownBy(() -> Site.write(project, site, "0.1.0"))
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
