package io.tacet.report;

import io.tacet.circuits.Population;
import io.tacet.circuits.SpikeTrains;
import io.tacet.files.AtomicFile;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * When the neurons of a circuit spiked: a dot per spike, populations from top to bottom in their
 * order and heights by their sizes. Of large circuits every n-th neuron is shown. The content of a
 * PNG file for {@link OutputFolder#write}.
 */
public final class PopulationRaster implements AtomicFile.Content {
  private static final int PLOT_WIDTH = 760;
  private static final int PLOT_HEIGHT = 480;
  private static final int LEFT = 64;
  private static final int TOP = 40;
  private static final int BELOW = 44;
  private static final int RIGHT = 28;
  private static final int GAP = 3;
  private static final int MOST_SHOWN = 1600;
  private static final double DOT = 1.4;
  private static final int TIME_TICKS = 5;

  private final String title;
  private final List<Population> populations;
  private final SpikeTrains spikes;
  private final double dt;
  private final double fromMs;
  private final double toMs;

  /**
   * A picture of a part of a recording.
   *
   * @param title shown above
   * @param populations from top to bottom, not empty
   * @param dt length of a step in ms
   * @param fromMs beginning of the time axis, counted from that of the recording
   * @param toMs its end, after the beginning
   */
  public PopulationRaster(
      String title,
      List<Population> populations,
      SpikeTrains spikes,
      double dt,
      double fromMs,
      double toMs) {
    if (populations.isEmpty() || !(toMs > fromMs)) {
      throw new IllegalArgumentException(
          "populations, toMs: expected at least one population and an end after "
              + fromMs
              + " ms, got "
              + populations.size()
              + " and "
              + toMs
              + " ms.");
    }
    this.title = title;
    this.populations = List.copyOf(populations);
    this.spikes = spikes;
    this.dt = dt;
    this.fromMs = fromMs;
    this.toMs = toMs;
  }

  /** The picture. */
  public BufferedImage image() {
    return ChartStyle.picture(LEFT + PLOT_WIDTH + RIGHT, TOP + PLOT_HEIGHT + BELOW, this::paint);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(ChartStyle.TEXT);
    graphics.setFont(ChartStyle.font(Font.BOLD, 15));
    graphics.drawString(title, LEFT, 25);
    int neurons = populations.stream().mapToInt(Population::size).sum();
    int every = (neurons + MOST_SHOWN - 1) / MOST_SHOWN;
    double scale = (PLOT_HEIGHT - GAP * (populations.size() - 1.0)) / neurons;
    double y = TOP;
    for (int p = 0; p < populations.size(); p++) {
      Population population = populations.get(p);
      double height = population.size() * scale;
      dots(graphics, p, y, scale, every);
      graphics.setColor(ChartStyle.TEXT);
      graphics.setFont(ChartStyle.font(Font.PLAIN, 12));
      int width = graphics.getFontMetrics().stringWidth(population.name());
      graphics.drawString(population.name(), LEFT - 8 - width, (int) (y + height / 2 + 4));
      y += height + GAP;
    }
    timeAxis(graphics);
  }

  private void dots(Graphics2D graphics, int p, double top, double scale, int every) {
    Population population = populations.get(p);
    graphics.setColor(ChartStyle.colour(p % 2));
    for (int s = 0; s < spikes.count(); s++) {
      double time = spikes.step(s) * dt;
      int neuron = spikes.neuron(s) - population.first();
      boolean shown = neuron >= 0 && neuron < population.size() && neuron % every == 0;
      if (shown && time >= fromMs && time < toMs) {
        double x = LEFT + PLOT_WIDTH * (time - fromMs) / (toMs - fromMs);
        graphics.fill(new Rectangle2D.Double(x, top + neuron * scale, DOT, DOT));
      }
    }
  }

  private void timeAxis(Graphics2D graphics) {
    graphics.setColor(ChartStyle.BORDER);
    graphics.draw(new Rectangle2D.Double(LEFT, TOP - 2, PLOT_WIDTH, PLOT_HEIGHT + 4));
    graphics.setColor(ChartStyle.TEXT);
    for (int k = 0; k <= TIME_TICKS; k++) {
      String text = String.valueOf(Math.round(fromMs + (toMs - fromMs) * k / TIME_TICKS));
      int width = graphics.getFontMetrics().stringWidth(text);
      int x = LEFT + PLOT_WIDTH * k / TIME_TICKS;
      graphics.drawString(text, x - width / 2, TOP + PLOT_HEIGHT + 18);
    }
    graphics.drawString("time (ms)", LEFT + PLOT_WIDTH / 2 - 26, TOP + PLOT_HEIGHT + 36);
  }
}
