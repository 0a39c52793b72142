package io.tacet.neuron;

import java.util.Arrays;
import org.hipparchus.analysis.UnivariateFunction;
import org.hipparchus.analysis.solvers.BracketedUnivariateSolver;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;
import org.hipparchus.ode.DenseOutputModel;
import org.hipparchus.ode.ExpandableODE;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.events.Action;
import org.hipparchus.ode.events.AdaptableInterval;
import org.hipparchus.ode.events.ODEEventDetector;
import org.hipparchus.ode.events.ODEEventHandler;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;

/**
 * Any hybrid neuron between events, by the embedded Runge-Kutta method of Dormand and Prince of
 * order 8 with its dense output. The adjoint is integrated back along the dense output of the same
 * span. One for each worker; it has scratch memory.
 */
final class RungeKutta {
  /** The part of the distance from start to threshold within which a maximum is a near miss. */
  private static final double NEAR = 1e-3;

  private static final double SHORTEST_STEP = 1e-14;
  private static final double LONGEST_STEP = 1e4;
  private static final double LARGEST_SLOPE = 1e100;
  private static final double EVENT_ACCURACY = 1e-13;
  private static final int MOST_ITERATIONS = 200;

  private final HybridNeuron neuron;
  private final int variables;
  private final int parameters;
  private final DormandPrince853Integrator events;
  private final DormandPrince853Integrator searching;
  private final DormandPrince853Integrator plain;
  private final DormandPrince853Integrator back;
  private final ExpandableODE equations;
  private final Detector condition;
  private final Detector summit;
  private final double[] slope;
  private final double[] gradient;
  private final double[] ignored;
  private double[] p;
  private int mode;
  private double near;
  private boolean passed;
  private boolean met;
  private int grazes;

  RungeKutta(HybridNeuron neuron, double tolerance) {
    this.neuron = neuron;
    variables = neuron.variables().size();
    parameters = neuron.parameters().size();
    slope = new double[variables];
    gradient = new double[variables];
    ignored = new double[parameters];
    equations = new ExpandableODE(new Field());
    condition = new Detector(this::conditionAt, this::cross);
    summit = new Detector(this::riseAt, this::passSummit);
    events = integrator(tolerance);
    events.addEventDetector(condition);
    events.addEventDetector(summit);
    searching = integrator(tolerance);
    searching.addEventDetector(condition);
    plain = integrator(tolerance);
    back = integrator(tolerance);
  }

  private static DormandPrince853Integrator integrator(double tolerance) {
    return new DormandPrince853Integrator(SHORTEST_STEP, LONGEST_STEP, tolerance, tolerance);
  }

  /** Takes the parameters of a neuron, and the distance to its condition at the start. */
  void set(double[] values) {
    p = values;
    double[] x = new double[variables];
    neuron.start(p, x);
    near = -NEAR * neuron.condition(0, x, p);
  }

  /** Begins a sample. */
  void begin() {
    grazes = 0;
  }

  /** Whether the last {@link #advance} ended because the condition was met. */
  boolean met() {
    return met;
  }

  /** Near misses since the beginning of the sample; see {@code Spikes.grazes}. */
  int grazes() {
    return grazes;
  }

  /**
   * Moves the state ahead until the condition of the mode is met, or by {@code span}.
   *
   * @param x replaced by the state then, just before the transition
   * @param span in ms, at least 0
   * @return how far it went; below or at {@code span}
   */
  double advance(int inMode, double[] x, double span) {
    mode = inMode;
    met = false;
    passed = false;
    if (span == 0 || isAtRest(x)) {
      return span;
    }
    ODEState begin = new ODEState(0, x);
    ODEStateAndDerivative end = events.integrate(equations, begin, span);
    if (passed) {
      // A step went over the whole part above the condition: it is met before the summit.
      end = searching.integrate(equations, begin, end.getTime());
    }
    System.arraycopy(end.getPrimaryState(), 0, x, 0, variables);
    return met ? Math.min(span, polish(x, end.getTime())) : span;
  }

  private boolean isAtRest(double[] x) {
    neuron.field(mode, x, p, slope);
    for (double one : slope) {
      if (one != 0) {
        return false;
      }
    }
    return true;
  }

  /** One step of Newton's method, since events are located on an interpolation. */
  private double polish(double[] x, double time) {
    double distance = neuron.condition(mode, x, p);
    double rise = rise(x);
    double step = rise > 0 ? -distance / rise : 0;
    for (int i = 0; i < variables; i++) {
      x[i] += step * slope[i];
    }
    return time + step;
  }

  private double conditionAt(double[] x) {
    return neuron.condition(mode, x, p);
  }

  /** Never 0, which the integrator takes for an event at its start that it cannot step over. */
  private double riseAt(double[] x) {
    double rise = rise(x);
    return rise == 0 ? -Double.MIN_NORMAL : rise;
  }

  /** dg/dt; leaves dx/dt in {@link #slope}. */
  private double rise(double[] x) {
    neuron.field(mode, x, p, slope);
    Arrays.fill(gradient, 0);
    neuron.conditionAdjoint(mode, x, p, 1, gradient, ignored);
    double sum = 0;
    for (int i = 0; i < variables; i++) {
      sum += gradient[i] * slope[i];
    }
    return sum;
  }

  private Action cross(double[] x, boolean increasing) {
    if (!increasing) {
      return Action.CONTINUE;
    }
    met = true;
    return Action.STOP;
  }

  private Action passSummit(double[] x, boolean increasing) {
    if (increasing) {
      return Action.CONTINUE;
    }
    double below = -neuron.condition(mode, x, p);
    if (below <= 0) {
      passed = true;
      return Action.STOP;
    }
    if (below < near) {
      grazes++;
    }
    return Action.CONTINUE;
  }

  /**
   * The integral of the first variable, the membrane potential, over a span without events.
   *
   * @param x state at its beginning
   */
  double integral(int inMode, double[] x, double span) {
    if (span == 0) {
      return 0;
    }
    mode = inMode;
    double[] begin = Arrays.copyOf(x, variables + 1);
    return plain.integrate(new Integral(), new ODEState(0, begin), span)
        .getPrimaryState()[variables];
  }

  /**
   * Takes the adjoint back over a span without events.
   *
   * @param x state at its beginning
   * @param drive dL/d(integral of the first variable), 0 for a loss without it
   * @param lambda dL/dx at its end; replaced by that at its beginning
   * @param dp dL/dp is added here; null where it is not wanted
   */
  void retreat(int inMode, double[] x, double span, double drive, double[] lambda, double[] dp) {
    mode = inMode;
    double scale = Arrays.stream(lambda).map(Math::abs).reduce(Math.abs(drive), Math::max);
    if (span == 0 || scale == 0) {
      return;
    }
    DenseOutputModel trajectory = new DenseOutputModel();
    plain.addStepHandler(trajectory);
    try {
      plain.integrate(equations, new ODEState(0, x), span);
    } finally {
      plain.clearStepHandlers();
    }
    double[] z = new double[variables + (dp == null ? 0 : parameters)];
    for (int i = 0; i < variables; i++) {
      z[i] = lambda[i] / scale;
    }
    Adjoint adjoint = new Adjoint(trajectory, span, drive / scale, z.length);
    double[] end = back.integrate(adjoint, new ODEState(0, z), span).getPrimaryState();
    for (int i = 0; i < variables; i++) {
      lambda[i] = end[i] * scale;
    }
    for (int i = variables; i < end.length; i++) {
      dp[i - variables] += end[i] * scale;
    }
  }

  private final class Field implements OrdinaryDifferentialEquation {
    @Override
    public int getDimension() {
      return variables;
    }

    @Override
    public double[] computeDerivatives(double t, double[] x) {
      double[] derivatives = new double[variables];
      neuron.field(mode, x, p, derivatives);
      for (int i = 0; i < variables; i++) {
        if (!(Math.abs(derivatives[i]) < LARGEST_SLOPE)) {
          // A trial step far beyond the condition: the error of this is large, and it is rejected.
          derivatives[i] = LARGEST_SLOPE;
        }
      }
      return derivatives;
    }
  }

  /** (x, the integral of its first variable). */
  private final class Integral implements OrdinaryDifferentialEquation {
    private final double[] slope = new double[variables];

    @Override
    public int getDimension() {
      return variables + 1;
    }

    @Override
    public double[] computeDerivatives(double t, double[] x) {
      neuron.field(mode, x, p, slope);
      double[] derivatives = Arrays.copyOf(slope, variables + 1);
      derivatives[variables] = x[0];
      return derivatives;
    }
  }

  /** (lambda, dL/dp) by the time left in a span. */
  private final class Adjoint implements OrdinaryDifferentialEquation {
    private final DenseOutputModel trajectory;
    private final double span;
    private final double drive;
    private final int dimension;
    private final double[] dx = new double[variables];
    private final double[] dp = new double[parameters];

    Adjoint(DenseOutputModel trajectory, double span, double drive, int dimension) {
      this.trajectory = trajectory;
      this.span = span;
      this.drive = drive;
      this.dimension = dimension;
    }

    @Override
    public int getDimension() {
      return dimension;
    }

    @Override
    public double[] computeDerivatives(double s, double[] z) {
      double[] x = trajectory.getInterpolatedState(span - s).getPrimaryState();
      Arrays.fill(dx, 0);
      Arrays.fill(dp, 0);
      neuron.fieldAdjoint(mode, x, p, z, dx, dp);
      dx[0] += drive;
      double[] derivatives = Arrays.copyOf(dx, dimension);
      System.arraycopy(dp, 0, derivatives, variables, dimension - variables);
      return derivatives;
    }
  }

  /** The value of a switching function. */
  private interface Switch {
    double at(double[] x);
  }

  /** What to do at its zero. */
  private interface Reaction {
    Action at(double[] x, boolean increasing);
  }

  private static final class Detector implements ODEEventDetector {
    private final Switch function;
    private final Reaction reaction;
    private final BracketedUnivariateSolver<UnivariateFunction> solver =
        new BracketingNthOrderBrentSolver(0, EVENT_ACCURACY, 0, 5);

    Detector(Switch function, Reaction reaction) {
      this.function = function;
      this.reaction = reaction;
    }

    @Override
    public AdaptableInterval getMaxCheckInterval() {
      return (state, isForward) -> Double.POSITIVE_INFINITY;
    }

    @Override
    public int getMaxIterationCount() {
      return MOST_ITERATIONS;
    }

    @Override
    public BracketedUnivariateSolver<UnivariateFunction> getSolver() {
      return solver;
    }

    @Override
    public ODEEventHandler getHandler() {
      return (state, detector, increasing) -> reaction.at(state.getPrimaryState(), increasing);
    }

    @Override
    public double g(ODEStateAndDerivative state) {
      return function.at(state.getPrimaryState());
    }
  }
}
