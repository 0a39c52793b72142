package io.tacet.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Everything that a training has left in its folder on one page, report.html: how it went, curves,
 * pictures, settings and the metrics of each epoch. A file of its own, without scripts and without
 * anything from elsewhere, light or dark as the reader's system is; it is well-formed XML.
 */
public final class RunPage {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --back: #fcfcfa; --text: #22252a; --soft: #667; --grid: #dde;
        --card: #fff; --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #aa4499; }
      @media (prefers-color-scheme: dark) { :root { --back: #16181c; --text: #e4e6ea; --soft: #9aa;
        --grid: #33373e; --card: #1e2126; --c0: #56b4e9; --c1: #f08a3c; --c2: #3cc79a; --c3: #d98bc8; } }
      body { background: var(--back); color: var(--text); font: 15px/1.5 sans-serif; margin: 2rem auto;
        max-width: 70rem; padding: 0 1rem; }
      h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      .soft { color: var(--soft); } .row { display: flex; flex-wrap: wrap; gap: 1rem; }
      .row svg { width: 32rem; max-width: 100%; background: var(--card); border-radius: 6px; }
      svg text { fill: var(--soft); font: 12px sans-serif; } svg .title { fill: var(--text); }
      svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
      svg .grid { stroke: var(--grid); } svg .line { fill: none; stroke-width: 2; stroke-linecap: round; }
      svg .line.s0 { stroke: var(--c0); } svg .line.s1 { stroke: var(--c1); }
      svg .line.s2 { stroke: var(--c2); } svg .line.s3 { stroke: var(--c3); }
      svg .name.s0 { fill: var(--c0); } svg .name.s1 { fill: var(--c1); }
      svg .name.s2 { fill: var(--c2); } svg .name.s3 { fill: var(--c3); }
      figure { margin: 0; background: #fff; border-radius: 6px; padding: .5rem; }
      figure img { max-width: 100%; width: 32rem; display: block; } figcaption { color: #667; }
      .wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; }
      td, th { border-bottom: 1px solid var(--grid); padding: .15rem .8rem .15rem 0; text-align: left; }
      td.number { text-align: right; font-variant-numeric: tabular-nums; }
      """;

  private final RunFolder run;
  private final StringBuilder text = new StringBuilder();

  private RunPage(RunFolder run) {
    this.run = run;
  }

  /**
   * Writes report.html into the folder of a training that has finished an epoch.
   *
   * @throws IOException if the folder lacks its settings or metrics, or the page cannot be written
   */
  public static void write(OutputFolder folder) throws IOException {
    folder.writeText("report.html", new RunPage(RunFolder.read(folder.path())).page());
  }

  private String page() throws IOException {
    String title = run.config().has("task") ? run.config().text("task") : "training";
    text.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    text.append("<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>");
    text.append(Markup.escape(title)).append("</title>\n<style>\n").append(STYLE);
    text.append("</style>\n</head>\n<body>\n");
    element("h1", title);
    summary();
    curves();
    pictures();
    settings();
    metrics();
    return text.append("</body>\n</html>\n").toString();
  }

  private void element(String name, String content) {
    text.append('<').append(name).append('>').append(Markup.escape(content));
    text.append("</").append(name).append(">\n");
  }

  private void summary() throws IOException {
    int[] epochs = run.epochs();
    List<String> parts = new ArrayList<>();
    parts.add(epochs[epochs.length - 1] + (epochs[epochs.length - 1] == 1 ? " epoch" : " epochs"));
    String accuracy = run.measured() + "Accuracy";
    if (Double.isFinite(run.last(accuracy))) {
      parts.add(
          String.format(
              Locale.ROOT,
              "%s accuracy %.2f %%, at best %.2f %%",
              run.measured(),
              100 * run.last(accuracy),
              100 * run.greatest(accuracy)));
    } else {
      parts.add(
          String.format(
              Locale.ROOT, "%s loss %.4g", run.measured(), run.last(run.measured() + "Loss")));
    }
    if (Double.isFinite(run.last("activity"))) {
      parts.add(String.format(Locale.ROOT, "activity %.3g", run.last("activity")));
    }
    parts.add(String.format(Locale.ROOT, "%.1f s", run.last("seconds")));
    if (run.config().has("device")) {
      parts.add(run.config().text("device"));
    }
    text.append("<p class=\"soft\">").append(Markup.escape(String.join(", ", parts)));
    text.append("</p>\n");
  }

  private void curves() {
    String measured = run.measured();
    List<Curves> all =
        List.of(
            new Curves("Loss", run.epochs())
                .add("training", run.column("trainLoss"))
                .add(measured, run.column(measured + "Loss")),
            new Curves("Accuracy", run.epochs())
                .add("training", run.column("trainAccuracy"))
                .add(measured, run.column(measured + "Accuracy")),
            new Curves("Activity", run.epochs()).add("activity", run.column("activity")),
            new Curves("Backward sparsity", run.epochs())
                .add("backward sparsity", run.column("backwardSparsity")));
    element("h2", "Curves");
    text.append("<div class=\"row\">\n");
    all.stream().filter(curves -> !curves.isEmpty()).forEach(curves -> text.append(curves.svg()));
    text.append("</div>\n");
  }

  /** The PNG files of the folder but for the learning curve, which is there already. */
  private void pictures() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(run.path(), "*.png")) {
      found.forEach(files::add);
    }
    files.removeIf(file -> file.endsWith("learning-curve.png"));
    Collections.sort(files);
    if (files.isEmpty()) {
      return;
    }
    element("h2", "Pictures");
    text.append("<div class=\"row\">\n");
    for (Path file : files) {
      String name = file.getFileName().toString().replaceFirst("\\.png$", "").replace('-', ' ');
      text.append("<figure><img alt=\"").append(Markup.escape(name));
      text.append("\" src=\"data:image/png;base64,");
      text.append(Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
      text.append("\"/><figcaption>").append(Markup.escape(name));
      text.append("</figcaption></figure>\n");
    }
    text.append("</div>\n");
  }

  private void settings() {
    element("h2", "Settings");
    text.append("<table>\n");
    for (String key : run.config().keys()) {
      text.append("<tr><th>").append(Markup.escape(key)).append("</th><td>");
      text.append(Markup.escape(String.valueOf(run.config().value(key)))).append("</td></tr>\n");
    }
    text.append("</table>\n");
  }

  private void metrics() {
    element("h2", "Epochs");
    text.append("<div class=\"wide\"><table>\n<tr><th>epoch</th>");
    run.columns().forEach(name -> text.append("<th>").append(Markup.escape(name)).append("</th>"));
    text.append("</tr>\n");
    int[] epochs = run.epochs();
    for (int i = 0; i < epochs.length; i++) {
      text.append("<tr><td class=\"number\">").append(epochs[i]).append("</td>");
      for (String name : run.columns()) {
        double value = run.column(name)[i];
        text.append("<td class=\"number\">");
        text.append(Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.5g", value));
        text.append("</td>");
      }
      text.append("</tr>\n");
    }
    text.append("</table></div>\n");
  }
}
