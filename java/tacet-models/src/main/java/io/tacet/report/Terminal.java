package io.tacet.report;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** What can be known about the terminal this process runs on. */
public final class Terminal {
  private static final int DEFAULT_WIDTH = 80;

  private Terminal() {}

  /** Whether standard input and output are a terminal on which a line can be redrawn. */
  @SuppressWarnings("SystemConsoleNull") // what newer Java does is asked below
  public static boolean present() {
    Console console = System.console();
    String kind = System.getenv("TERM");
    return console != null && !"dumb".equals(kind) && reallyTerminal(console);
  }

  /** From Java 22 on there is a console without a terminal too, and a method that tells. */
  private static boolean reallyTerminal(Console console) {
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  /** Columns: what COLUMNS says, else what stty says, else {@value #DEFAULT_WIDTH}. */
  static int width() {
    int width = positive(System.getenv("COLUMNS"));
    if (width == 0) {
      width = positive(sttyColumns());
    }
    return width == 0 ? DEFAULT_WIDTH : width;
  }

  private static int positive(String number) {
    return number != null && number.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(number) : 0;
  }

  private static String sttyColumns() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!stty.waitFor(1, TimeUnit.SECONDS)) {
        stty.destroy();
        return null;
      }
      String[] size =
          new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
              .strip()
              .split(" ", -1);
      return size.length == 2 ? size[1] : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
