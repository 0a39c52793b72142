import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;

/** Compares resolved versions with a table of known vulnerabilities; see ci/advisories.sh. */
final class Advisories {
  /** What is delivered; others come with a cluster or are for tests only. */
  private static final Set<String> DELIVERED = Set.of("compile", "runtime");

  private Advisories() {}

  private record Library(String name, String version, String scope) {}

  private record Advisory(
      String library, VersionRange affected, String id, String what, String source) {

    boolean concerns(Library found) {
      return library.equals(found.name)
          && affected.containsVersion(new DefaultArtifactVersion(found.version));
    }
  }

  public static void main(String[] arguments) throws IOException {
    List<Advisory> known = known(Path.of(arguments[0]));
    Set<String> hits = new TreeSet<>();
    Set<String> notes = new TreeSet<>();
    Set<Library> libraries = Set.copyOf(libraries(Path.of(arguments[1])));
    for (Library library : libraries) {
      for (Advisory advisory : known) {
        if (advisory.concerns(library)) {
          String line =
              String.join(
                  " ",
                  library.name, library.version, "(" + library.scope + "):",
                  advisory.id + ",", advisory.what + ";", advisory.source);
          (DELIVERED.contains(library.scope) ? hits : notes).add(line);
        }
      }
    }
    notes.forEach(line -> System.out.println("not delivered: " + line));
    hits.forEach(line -> System.out.println("AFFECTED: " + line));
    System.out.printf(
        "advisories: %d libraries, %d advisories, %d of what is delivered, %d of others%n",
        libraries.size(), known.size(), hits.size(), notes.size());
    if (libraries.isEmpty() || !hits.isEmpty()) {
      System.exit(1);
    }
  }

  private static List<Advisory> known(Path table) throws IOException {
    List<Advisory> all = new ArrayList<>();
    for (String line : Files.readAllLines(table)) {
      if (line.startsWith("#")) {
        continue;
      }
      String[] fields = line.split("\t", -1);
      if (fields.length != 5 || !fields[4].startsWith("https://")) {
        throw new IllegalArgumentException(table + ": expected five fields, found: " + line);
      }
      try {
        VersionRange affected = VersionRange.createFromVersionSpec(fields[1]);
        all.add(new Advisory(fields[0], affected, fields[2], fields[3], fields[4]));
      } catch (InvalidVersionSpecificationException e) {
        throw new IllegalArgumentException(table + ": expected ranges, found: " + line, e);
      }
    }
    return all;
  }

  /** Lines such as {@code group:artifact:jar:1.0:compile}, some with a classifier. */
  private static List<Library> libraries(Path list) throws IOException {
    List<Library> all = new ArrayList<>();
    for (String line : Files.readAllLines(list)) {
      String[] parts = line.strip().split(" ", -1)[0].split(":", -1);
      if (parts.length >= 5 && !parts[0].equals("io.tacet")) {
        all.add(
            new Library(
                parts[0] + ":" + parts[1], parts[parts.length - 2], parts[parts.length - 1]));
      }
    }
    return all;
  }
}
