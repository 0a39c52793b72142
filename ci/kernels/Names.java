import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Short names of kernels: file: kernel<arguments>. Names are demangled by c++filt, of binutils. */
final class Names {
  /** nvcc's anonymous namespaces: _GLOBAL__N__hash_length_file_cu_hash. */
  private static final Pattern FILE =
      Pattern.compile("_GLOBAL__N__[0-9a-f]+_[0-9]+_([A-Za-z0-9_]+)_cu_");

  private static final Pattern NAMESPACES =
      Pattern.compile("\\(anonymous namespace\\)::|tacet(_cuda)?::|_GLOBAL__N_\\w+::");

  private Names() {}

  /** In the order of the symbols. */
  static List<String> of(List<String> symbols) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("c++filt"));
    command.addAll(symbols);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines = new String(process.getInputStream().readAllBytes()).lines().toList();
    if (process.waitFor() != 0 || lines.size() != symbols.size()) {
      throw new IOException("c++filt failed");
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher file = FILE.matcher(symbols.get(i));
      names.add((file.find() ? file.group(1) + ": " : "") + shortened(lines.get(i)));
    }
    return names;
  }

  /** Without what the kernel returns, namespaces and parameters. */
  private static String shortened(String name) {
    String text = NAMESPACES.matcher(name).replaceAll("").replaceFirst("^void ", "");
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '<' ? 1 : c == '>' ? -1 : 0;
      if (c == '(' && depth == 0) {
        return text.substring(0, i);
      }
    }
    return text;
  }
}
