package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectomeTest {
  @TempDir Path folder;

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private static void refused(Path file, String... parts) {
    assertThatThrownBy(() -> Connectome.read(file))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll(file.getFileName().toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void edgesOfAPairAddUpAndNeuronsAreNumberedAsTheyCome() throws IOException {
    for (String separator : new String[] {",", "\t"}) {
      Connectome read =
          Connectome.read(
              file(
                  "edges.csv",
                  "Source,type,Target,Weight".replace(",", separator),
                  "b,x,a,2".replace(",", separator),
                  "# a comment",
                  "a,x,c,-1.5".replace(",", separator),
                  "b,y,a,3".replace(",", separator),
                  "b,y,b,1".replace(",", separator)));
      assertThat(read.names()).containsExactly("b", "a", "c");
      assertThat(read.matrix().offsets()).containsExactly(0, 2, 3, 3);
      assertThat(read.matrix().indices()).containsExactly(0, 1, 2);
      assertThat(read.matrix().values()).containsExactly(1, 5, -1.5);
    }
    Connectome plain = Connectome.read(file("plain.csv", "from,to", "1,2", "2,1"));
    assertThat(plain.matrix().values()).containsExactly(1, 1);
  }

  @Test
  void anAdjacencyMatrixHasRowsBySource() throws IOException {
    Connectome read = Connectome.read(file("m.csv", ",x,y", "x,0,2.5", "y,-1,0.0"));
    assertThat(read.names()).containsExactly("x", "y");
    assertThat(read.matrix().offsets()).containsExactly(0, 1, 2);
    assertThat(read.matrix().indices()).containsExactly(1, 0);
    assertThat(read.matrix().values()).containsExactly(2.5, -1);
  }

  @Test
  void mistakesInTablesNameTheirLine() throws IOException {
    refused(file("a.csv", "x,y", "1,2"), "line 1", "pre, source or from");
    refused(file("b.csv", "pre,post,weight", "1,2,3", "1,2"), "line 3", "3 fields");
    refused(file("c.csv", "pre,post,weight", "1,2,many"), "line 2", "a weight");
    refused(file("d.csv", "pre,post", ",2"), "line 2", "the name of a neuron");
    refused(file("e.csv", "pre,post"), "line 1", "found none");
    refused(file("f.csv", ",x,y", "x,0,1"), "line 2", "2 rows");
    refused(file("g.csv", ",x,y", "y,0,1", "x,1,0"), "line 2", "same order");
    refused(file("h.csv", ",x,y", "x,0,NaN", "y,1,0"), "line 2", "a weight to y");
    refused(file("i.csv"), "empty file");
  }

  @Test
  void matrixMarketFilesMayBeSymmetricAndInAnyOrder() throws IOException {
    SparseMatrix pattern =
        MatrixMarket.read(
            file(
                "p.mtx",
                "%%MatrixMarket matrix coordinate pattern symmetric",
                "% a comment",
                "3 3 3",
                "3 1",
                "",
                "2 2",
                "% another",
                "3 2"));
    assertThat(pattern.offsets()).containsExactly(0, 1, 3, 5);
    assertThat(pattern.indices()).containsExactly(2, 1, 2, 0, 1);
    assertThat(pattern.values()).containsOnly(1);
    SparseMatrix skew =
        MatrixMarket.read(
            file(
                "s.mtx",
                "%%MatrixMarket matrix coordinate integer skew-symmetric",
                "2 2 1",
                "2 1 -7"));
    assertThat(skew.values()).containsExactly(7, -7);
    refused(
        file("r.mtx", "%%MatrixMarket matrix coordinate real general", "2 3 1", "2 3 0.5"),
        "square",
        "2 x 3");
  }

  @ParameterizedTest
  @CsvSource({
    "real general, 2 2 1, 1 1, line 3",
    "real general, 2 2 1, 1 3 2, line 3",
    "real general, 2 2 1, 0 1 2, line 3",
    "real general, 2 2 2, 1 1 2, line 3",
    "integer general, 2 2 1, 1 1 2.5, line 3",
    "real general, 2 2 1, 1 1 inf, line 3",
    "real general, 2 2, 1 1 2, line 2",
    "real general, -2 2 0, 1 1 2, line 2",
    "real general, 2 2 0, 1 1 2, line 3",
    "real symmetric, 2 3 1, 1 1 2, line 2",
    "complex general, 2 2 1, 1 1 2, line 1",
    "pattern skew-symmetric, 2 2 1, 2 1, line 1"
  })
  void mistakesInMatrixMarketFilesNameTheirLine(String kind, String size, String row, String line)
      throws IOException {
    refused(file("m.mtx", "%%MatrixMarket matrix coordinate " + kind, size, row), line);
  }

  @Test
  void thePublishedMalformedFilesAreRefusedWithTheLine() throws IOException {
    int refused = 0;
    try (Stream<Path> files = Files.list(DataFolder.of("mtx"))) {
      for (Path file : files.filter(f -> f.toString().contains("mangled")).toList()) {
        refused(file, ": line ");
        refused++;
      }
    }
    assertThat(refused).isEqualTo(19);
  }

  @Test
  void publishedMatricesAreRead() throws IOException {
    Path mtx = DataFolder.of("mtx");
    assertThat(Connectome.read(mtx.resolve("karate.mtx")).matrix().indices()).hasSize(2 * 78);
    SparseMatrix plain = MatrixMarket.read(mtx.resolve("west0067.mtx"));
    SparseMatrix jumbled = MatrixMarket.read(mtx.resolve("west0067_jumbled.mtx"));
    assertThat(plain.indices()).hasSize(294).isEqualTo(jumbled.indices());
    assertThat(plain.values()).isEqualTo(jumbled.values());
    Path unpacked = folder.resolve("condensed-matter.mtx");
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(mtx.resolve("ca-CondMat.mtx.gz")))) {
      Files.copy(in, unpacked);
    }
    Connectome authors = Connectome.read(unpacked);
    assertThat(authors.neurons()).isEqualTo(23_133);
    assertThat(authors.matrix().indices()).hasSize(186_936);
  }

  @Test
  void publishedConnectomesAreRead() throws IOException {
    Path worm = DataFolder.of("celegans");
    Connectome cook = Connectome.read(worm.resolve("cook2019_herm_chemical.csv"));
    assertThat(cook.neurons()).isEqualTo(446);
    assertThat(cook.matrix().indices()).hasSize(4879);
    Connectome edges = Connectome.read(worm.resolve("herm_full_edgelist.csv"));
    assertThat(edges.names()).contains("I1L").doesNotContain("I1L ");
    assertThat(Connectome.read(worm.resolve("aconnectome_white_1986_whole.csv")).neurons())
        .isEqualTo(309);
    Path mouse = DataFolder.of("mouse_oh2014");
    assertThat(Connectome.read(mouse.resolve("W_ipsi.csv")).neurons()).isEqualTo(213);
    refused(mouse.resolve("PValue_ipsi.csv"), "line 2", "NaN");
  }

  @Test
  void thePublishedConnectomeOfALarvaIsRead() throws IOException {
    Path unpacked = folder.resolve("larva.csv");
    try (ZipFile zip = new ZipFile(DataFolder.of("larva_connectome").resolve("S1.zip").toFile());
        InputStream in =
            zip.getInputStream(
                zip.getEntry("Supplementary-Data-S1/all-all_connectivity_matrix.csv"))) {
      Files.copy(in, unpacked);
    }
    Connectome larva = Connectome.read(unpacked);
    assertThat(larva.neurons()).isEqualTo(2952);
    assertThat(larva.matrix().indices()).hasSize(110_677);
  }
}
