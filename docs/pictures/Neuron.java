import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * Draws docs/pictures/neuron.svg: {@code java docs/pictures/Neuron.java}. One LIF neuron with the
 * equations of Wunderlich and Pehle 2021, integrated in small steps; the adjoint is that of the
 * loss t_spike, in the form tau_m lambda_V' = -lambda_V, tau_s lambda_I' = -lambda_I + lambda_V
 * backward in time, with lambda_V jumping by (1 / tau_m) / V' at the spike.
 */
public final class Neuron {
  private static final double TAU_M = 20;
  private static final double TAU_S = 5;
  private static final double END = 60;
  private static final int STEPS = 6000;
  private static final double DT = END / STEPS;
  private static final double[] ARRIVALS = {5, 14, 38};
  private static final double[] WEIGHTS = {3.6, 4.6, 2.6};

  private static final int LEFT = 110;
  private static final int WIDTH = 560;
  private static final int HEIGHT = 70;
  private static final int GAP = 22;

  public static void main(String[] args) throws IOException {
    double[] current = new double[STEPS + 1];
    double[] voltage = new double[STEPS + 1];
    int spike = -1;
    double slope = 0;
    for (int k = 0; k < STEPS; k++) {
      double i = current[k];
      for (int a = 0; a < ARRIVALS.length; a++) {
        i += Math.round(ARRIVALS[a] / DT) == k ? WEIGHTS[a] : 0;
      }
      current[k] = i;
      double v = voltage[k] + DT * (i - voltage[k]) / TAU_M;
      if (v >= 1 && spike < 0) {
        spike = k + 1;
        slope = (i - 1) / TAU_M;
        v = 0;
      }
      voltage[k + 1] = v;
      current[k + 1] = i * (1 - DT / TAU_S);
    }
    double[] lambdaV = new double[STEPS + 1];
    double[] lambdaI = new double[STEPS + 1];
    for (int k = STEPS; k > 0; k--) {
      double v = k == spike ? lambdaV[k] + 1 / TAU_M / slope : lambdaV[k];
      lambdaV[k - 1] = v * (1 - DT / TAU_M);
      lambdaI[k - 1] = lambdaI[k] + DT * (v - lambdaI[k]) / TAU_S;
    }
    StringBuilder svg = new StringBuilder();
    int rows = 5;
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        """
            .formatted(LEFT + WIDTH + 20, rows * (HEIGHT + GAP) + 40));
    for (double t : ARRIVALS) {
      vertical(svg, t, "#b8c2cc");
    }
    vertical(svg, spike * DT, "#d9480f");
    label(svg, 0, "input spikes");
    for (double t : ARRIVALS) {
      svg.append(
          text(
              "<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='#1c2024' stroke-width='2'/>%n",
              x(t), y(0) + 20, x(t), y(0) + HEIGHT));
    }
    curve(svg, 1, "current I", current, "#0b57b0");
    curve(svg, 2, "voltage V", voltage, "#2b8a3e");
    double threshold = y(2) + HEIGHT * (1 - 1 / 1.1);
    svg.append(
        text(
            "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#868e96' stroke-dasharray='4 3'/>%n",
            LEFT, threshold, LEFT + WIDTH, threshold));
    curve(svg, 3, "adjoint \u03bb_V", lambdaV, "#9c36b5");
    curve(svg, 4, "adjoint \u03bb_I", lambdaI, "#e8590c");
    for (double t : ARRIVALS) {
      int k = (int) Math.round(t / DT);
      double top = max(lambdaI);
      svg.append(
          text(
              "<circle cx='%.1f' cy='%.1f' r='4' fill='#e8590c'/>%n",
              x(t), y(4) + HEIGHT * (1 - lambdaI[k] / top / 1.1)));
    }
    int axis = y(4) + HEIGHT + 18;
    for (int t = 0; t <= END; t += 10) {
      svg.append(text("<text x='%.1f' y='%d' text-anchor='middle'>%d</text>%n", x(t), axis, t));
    }
    svg.append(text("<text x='%d' y='%d' text-anchor='end'>ms</text>%n", LEFT + WIDTH, axis + 16));
    svg.append("</svg>\n");
    Files.writeString(Path.of("docs/pictures/neuron.svg"), svg);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static double x(double t) {
    return LEFT + WIDTH * t / END;
  }

  private static int y(int row) {
    return 10 + row * (HEIGHT + GAP);
  }

  private static double max(double[] values) {
    double most = 0;
    for (double value : values) {
      most = Math.max(most, value);
    }
    return most;
  }

  private static void label(StringBuilder svg, int row, String name) {
    int base = y(row) + HEIGHT;
    svg.append(
        text("<text x='%d' y='%d' text-anchor='end'>%s</text>%n", LEFT - 10, base - 28, name));
    svg.append(
        text(
            "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='#ced4da'/>%n",
            LEFT, base, LEFT + WIDTH, base));
  }

  private static void vertical(StringBuilder svg, double t, String colour) {
    svg.append(
        text(
            "<line x1='%.1f' y1='10' x2='%.1f' y2='%d' stroke='%s' stroke-dasharray='2 3'/>%n",
            x(t), x(t), y(4) + HEIGHT, colour));
  }

  private static void curve(
      StringBuilder svg, int row, String name, double[] values, String colour) {
    label(svg, row, name);
    double top = 1.1 * max(values);
    DoubleUnaryOperator height = value -> y(row) + HEIGHT * (1 - value / top);
    svg.append("<polyline fill='none' stroke='")
        .append(colour)
        .append("' stroke-width='2' points='");
    for (int k = 0; k < values.length; k += 20) {
      svg.append(text("%.1f,%.1f ", x(k * DT), height.applyAsDouble(values[k])));
      // The jump of an event between two points.
      for (int j = k + 1; j < Math.min(k + 20, values.length); j++) {
        if (Math.abs(values[j] - values[j - 1]) > top / 20) {
          svg.append(text("%.1f,%.1f ", x((j - 1) * DT), height.applyAsDouble(values[j - 1])));
          svg.append(text("%.1f,%.1f ", x(j * DT), height.applyAsDouble(values[j])));
        }
      }
    }
    svg.append("'/>\n");
  }
}
