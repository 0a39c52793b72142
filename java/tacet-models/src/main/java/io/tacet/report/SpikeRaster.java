package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.Marker;

/**
 * When which unit fired: a column per sample, a row per group of units (input at the bottom, output
 * at the top), a tick per event. The content of a PNG file for {@link OutputFolder#write}.
 */
public final class SpikeRaster implements AtomicFile.Content {
  private static final int COLUMN_WIDTH = 300;
  private static final int LABELS_WIDTH = 24;
  private static final int TITLE_HEIGHT = 40;
  private static final int CAPTION_HEIGHT = 24;
  private static final int TIME_AXIS_HEIGHT = 40;
  private static final int MIN_ROW_HEIGHT = 80;
  private static final int MAX_ROW_HEIGHT = 330;
  private static final int PADDING = 10;

  private final String title;
  private final double durationMs;
  private final List<Group> groups = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();

  private record Group(String name, int units) {
    int rowHeight() {
      return Math.max(MIN_ROW_HEIGHT, Math.min(MAX_ROW_HEIGHT, 8 * units));
    }
  }

  private record Sample(String caption, List<Train> trains) {}

  private record Train(int group, List<Double> times, List<Integer> units) {}

  /**
   * Starts a picture without groups.
   *
   * @param title shown above; may be empty
   * @param durationMs end of the time axis in ms, greater than 0
   * @throws IllegalArgumentException if durationMs is not finite and greater than 0
   */
  public SpikeRaster(String title, double durationMs) {
    if (!(durationMs > 0) || Double.isInfinite(durationMs)) {
      throw new IllegalArgumentException(
          "durationMs: expected a finite time greater than 0 ms, got " + durationMs + ".");
    }
    this.title = title;
    this.durationMs = durationMs;
  }

  /**
   * Adds a group of units, from the input upwards.
   *
   * @param name shown beside its row, for example "hidden"
   * @param units number of units, at least 1
   * @return this picture
   */
  public SpikeRaster group(String name, int units) {
    if (units < 1) {
      throw new IllegalArgumentException("units: expected at least 1, got " + units + ".");
    }
    groups.add(new Group(name, units));
    return this;
  }

  /**
   * Adds a sample, whose events are added next.
   *
   * @param caption shown above its column, for example "yin"
   * @return this picture
   */
  public SpikeRaster sample(String caption) {
    samples.add(new Sample(caption, new ArrayList<>()));
    return this;
  }

  /**
   * Adds events to the sample added last.
   *
   * @param group number of the group, in the order in which they were added, from 0
   * @param times in ms; events after the end of the time axis are not shown
   * @param units unit of each event within its group, as many as times
   * @return this picture
   * @throws IllegalArgumentException if there is no such group or unit, or no sample yet
   */
  public SpikeRaster events(int group, double[] times, int[] units) {
    if (samples.isEmpty() || group < 0 || group >= groups.size()) {
      throw new IllegalArgumentException(
          String.format(
              "group: expected a number below %d (groups) and a sample begun, got group %d and %d"
                  + " samples.",
              groups.size(), group, samples.size()));
    }
    if (times.length != units.length) {
      throw new IllegalArgumentException(
          String.format("units: expected %d, one per time, got %d.", times.length, units.length));
    }
    for (int unit : units) {
      if (unit < 0 || unit >= groups.get(group).units()) {
        throw new IllegalArgumentException(
            String.format(
                "units: expected units in [0, %d) for %s, got %d.",
                groups.get(group).units(), groups.get(group).name(), unit));
      }
    }
    samples
        .get(samples.size() - 1)
        .trains()
        .add(
            new Train(
                group,
                Arrays.stream(times).boxed().toList(),
                Arrays.stream(units).boxed().toList()));
    return this;
  }

  /**
   * The picture.
   *
   * @throws IllegalStateException if there is no group or no sample
   */
  public BufferedImage image() {
    if (groups.isEmpty() || samples.isEmpty()) {
      throw new IllegalStateException(
          String.format(
              "A raster needs at least one group and one sample; it has %d and %d.",
              groups.size(), samples.size()));
    }
    int width = 2 * PADDING + LABELS_WIDTH + samples.size() * COLUMN_WIDTH;
    int height =
        TITLE_HEIGHT
            + groups.stream().mapToInt(Group::rowHeight).sum()
            + CAPTION_HEIGHT
            + TIME_AXIS_HEIGHT
            + PADDING;
    return ChartStyle.picture(width, height, this::paint);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(ChartStyle.TEXT);
    graphics.setFont(ChartStyle.font(Font.BOLD, 15));
    graphics.drawString(title, PADDING + LABELS_WIDTH + 4, 24);
    int y = TITLE_HEIGHT;
    for (int g = groups.size() - 1; g >= 0; g--) {
      for (int column = 0; column < samples.size(); column++) {
        int x = PADDING + LABELS_WIDTH + column * COLUMN_WIDTH;
        ChartStyle.paint(panel(column, g), graphics, x, y + captionHeight(g));
        if (g == groups.size() - 1) {
          caption(graphics, samples.get(column).caption(), x + COLUMN_WIDTH / 2, y);
        }
      }
      label(graphics, groups.get(g), y + captionHeight(g) + groups.get(g).rowHeight() / 2);
      y += captionHeight(g) + panelHeight(g);
    }
  }

  private static void caption(Graphics2D graphics, String text, int middle, int y) {
    graphics.setFont(ChartStyle.font(Font.BOLD, 13));
    int width = graphics.getFontMetrics().stringWidth(text);
    graphics.drawString(text, middle - width / 2, y + CAPTION_HEIGHT - 6);
  }

  /** Writes a group's name upwards, its middle at height {@code y}. */
  private static void label(Graphics2D graphics, Group group, int y) {
    Graphics2D upwards = (Graphics2D) graphics.create();
    upwards.setColor(ChartStyle.TEXT);
    upwards.setFont(ChartStyle.font(Font.PLAIN, 12));
    String text = group.name() + " (" + group.units() + ")";
    upwards.translate(PADDING + LABELS_WIDTH - 8, y);
    upwards.rotate(-Math.PI / 2);
    upwards.drawString(text, -upwards.getFontMetrics().stringWidth(text) / 2, 0);
    upwards.dispose();
  }

  /** Room for the name of the sample above the topmost row. */
  private int captionHeight(int group) {
    return group == groups.size() - 1 ? CAPTION_HEIGHT : 0;
  }

  private int panelHeight(int group) {
    int timeAxis = group == 0 ? TIME_AXIS_HEIGHT : 0;
    return groups.get(group).rowHeight() + timeAxis;
  }

  private XYChart panel(int column, int g) {
    Group group = groups.get(g);
    XYChart chart = ChartStyle.chart(COLUMN_WIDTH, panelHeight(g), "");
    chart.getStyler().setLegendVisible(false).setChartPadding(4);
    chart
        .getStyler()
        .setXAxisMin(0.0)
        .setXAxisMax(durationMs)
        .setYAxisMin(-0.5)
        .setYAxisMax(group.units() - 0.5)
        .setYAxisTicksVisible(false)
        .setYAxisTitleVisible(false)
        .setXAxisTicksVisible(g == 0)
        .setXAxisTitleVisible(g == 0)
        .setPlotGridHorizontalLinesVisible(false);
    chart.setXAxisTitle("time (ms)");
    addTicks(chart, column, g);
    return chart;
  }

  private void addTicks(XYChart chart, int column, int g) {
    List<Double> times = new ArrayList<>();
    List<Integer> units = new ArrayList<>();
    for (Train train : samples.get(column).trains()) {
      for (int e = 0; train.group() == g && e < train.times().size(); e++) {
        if (train.times().get(e) <= durationMs) {
          times.add(train.times().get(e));
          units.add(train.units().get(e));
        }
      }
    }
    if (times.isEmpty()) {
      times.add(-durationMs);
      units.add(0);
    }
    XYSeries series = chart.addSeries("events", times, units);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    series.setMarkerColor(ChartStyle.colour(g));
    Group group = groups.get(g);
    series.setMarker(new Tick(0.8 * (group.rowHeight() - 8) / group.units()));
  }

  /** An upright tick of a given height, never shorter than can be seen. */
  private static final class Tick extends Marker {
    private static final double WIDTH = 1.3;
    private static final double MIN_HEIGHT = 4.5;
    private static final double MAX_HEIGHT = 16;
    private final double height;

    Tick(double height) {
      this.height = Math.max(MIN_HEIGHT, Math.min(MAX_HEIGHT, height));
    }

    @Override
    public void paint(Graphics2D graphics, double x, double y, int markerSize) {
      graphics.fill(new Rectangle2D.Double(x - WIDTH / 2, y - height / 2, WIDTH, height));
    }
  }
}
