package io.tacet.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** A Markdown file. */
final class Page {
  private static final List<Extension> EXTENSIONS =
      List.of(TablesExtension.create(), HeadingAnchorExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
  private static final HtmlRenderer RENDERER =
      HtmlRenderer.builder().extensions(EXTENSIONS).build();

  /** For the contents, whose headings are not those of the page. */
  private static final HtmlRenderer PLAIN =
      HtmlRenderer.builder().extensions(List.of(TablesExtension.create())).build();

  private static final Pattern ANCHOR = Pattern.compile("<h[1-6] id=\"([^\"]*)\"");

  private final Path path;
  private final String text;
  private final List<Link> links = new ArrayList<>();
  private final Set<String> anchors = new HashSet<>();
  private String title;

  private Page(Path path, String text) {
    this.path = path;
    this.text = text;
    title = path.toString();
  }

  /**
   * Reads a page.
   *
   * @param path relative to the project
   */
  static Page of(Path path, String text) {
    Page page = new Page(path, text);
    Node document = PARSER.parse(text);
    document.accept(page.new Reader());
    Matcher anchor = ANCHOR.matcher(RENDERER.render(document));
    while (anchor.find()) {
      page.anchors.add(anchor.group(1));
    }
    return page;
  }

  Path path() {
    return path;
  }

  List<Link> links() {
    return links;
  }

  /** The names of its headings. */
  Set<String> anchors() {
    return anchors;
  }

  /**
   * The page as HTML.
   *
   * @param places where a file or folder of the project is in the site
   * @param contents the page that is shown beside every page
   * @param version of the project, whose folder lies beside those of others
   */
  String html(UnaryOperator<Path> places, Page contents, String version) {
    Path own = Link.html(path);
    String versions = Link.between(own, Path.of("../index.html"));
    String navigation =
        "<p><a href=\"%s\">Version %s</a></p>\n".formatted(versions, escaped(version))
            + contents.body(own, places, PLAIN);
    return html(
        title, Link.between(own, Path.of("style.css")), navigation, body(own, places, RENDERER));
  }

  /** A page of the site. */
  static String html(String title, String style, String navigation, String body) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <link rel="stylesheet" href="%s">
    </head>
    <body>
    <nav>
    %s</nav>
    <main>
    %s</main>
    </body>
    </html>
    """
        .formatted(escaped(title), style, navigation, body);
  }

  /** What it says, with links from a page of the site. */
  private String body(Path from, UnaryOperator<Path> places, HtmlRenderer renderer) {
    Node document = PARSER.parse(text);
    document.accept(new Rewriter(path, from, places));
    return renderer.render(document);
  }

  static String escaped(String words) {
    Node paragraph = new Paragraph();
    paragraph.appendChild(new Text(words));
    return RENDERER.render(paragraph).replaceAll("</?p>|\n", "");
  }

  /** Notes the title and the links. */
  private final class Reader extends AbstractVisitor {
    private boolean titled;

    @Override
    public void visit(Heading heading) {
      if (heading.getLevel() == 1 && !titled) {
        titled = true;
        title = words(heading);
      }
      visitChildren(heading);
    }

    @Override
    public void visit(org.commonmark.node.Link link) {
      links.add(new Link(link.getDestination()));
      visitChildren(link);
    }

    @Override
    public void visit(Image image) {
      links.add(new Link(image.getDestination()));
    }
  }

  private static String words(Node node) {
    StringBuilder all = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text part) {
            all.append(part.getLiteral());
          }

          @Override
          public void visit(Code part) {
            all.append(part.getLiteral());
          }
        });
    return all.toString();
  }

  /** Leads links of a Markdown file to the pages of a site. */
  private static final class Rewriter extends AbstractVisitor {
    private final Path written;
    private final Path from;
    private final UnaryOperator<Path> places;

    /**
     * @param written the file that has the links
     * @param from the page that shows them
     */
    Rewriter(Path written, Path from, UnaryOperator<Path> places) {
      this.written = written;
      this.from = from;
      this.places = places;
    }

    private String led(String destination) {
      Link link = new Link(destination);
      if (link.leadsAway()) {
        return destination;
      }
      String place = Link.between(from, places.apply(link.target(written)));
      return link.anchor().isEmpty() ? place : place + "#" + link.anchor();
    }

    @Override
    public void visit(org.commonmark.node.Link link) {
      link.setDestination(led(link.getDestination()));
      visitChildren(link);
    }

    @Override
    public void visit(Image image) {
      image.setDestination(led(image.getDestination()));
    }
  }
}
