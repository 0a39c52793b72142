// Event-gated recurrent units on arrays of the exact size, so that the address sanitizer sees every
// element beyond them, against plain loops in double precision, for every engine.
#include "egru/egru.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "check.h"

namespace {

using tacet::EgruClusters;
using tacet::EgruEngine;
using tacet::EgruVariant;
using tacet::emulator::Schedule;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

constexpr double kGamma = 0.7;
constexpr double kSharpness = 1.3;
constexpr double kDecay = 0.9;
constexpr double kZoneout = 0.3;
/** Closer to the threshold two precisions may disagree about an event. */
constexpr double kMargin = 2e-5;

struct Case {
  std::string name;
  int steps = 3;
  int batch = 3;
  int units = 37;
  EgruVariant variant = EgruVariant::kCellResetAfter;
  bool events = true;
  bool zoneout = false;
  bool training = false;
  bool lengths = false;
  bool initial = true;
  bool compact = false;
  /** Whether the tape keeps q. */
  bool product = true;
  /** Backward in time, in the second half of rows that have room for two directions. */
  bool reversed = false;
  /** Mean of the thresholds: below 0 all units are active, above 1 none is. */
  double threshold = 0.05;
  /** Of the engine on the chip. */
  EgruClusters clusters = EgruClusters::kAuto;
  int launch_steps = 1 << 30;
};

/** Uniform in [-1, 1). */
struct Random {
  uint64_t state;

  double operator()() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) * 0x1p-52 - 1;
  }
};

/** Philox4x32-10, written as in the paper. */
uint32_t philox_word(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key, int which) {
  uint32_t x[4] = {c0, c1, c2, c3};
  uint32_t k0 = static_cast<uint32_t>(key);
  uint32_t k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = uint64_t{0xD2511F53u} * x[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57u} * x[2];
    const uint32_t y[4] = {static_cast<uint32_t>(p1 >> 32) ^ x[1] ^ k0, static_cast<uint32_t>(p1),
                           static_cast<uint32_t>(p0 >> 32) ^ x[3] ^ k1, static_cast<uint32_t>(p0)};
    std::copy(y, y + 4, x);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return x[which];
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/** A layer, a sequence and derivatives of a loss; the same numbers for kernels and for the oracle. */
struct Problem {
  Case c;
  int h;
  int n;
  Floats recurrent, input_bias, recurrent_bias, thresholds, currents, y0, h0;
  Floats error_y, error_trace, error_last_y, error_last_h, rate;
  std::vector<int32_t> lengths;
  uint64_t seed;

  Problem(const Case& wanted, uint64_t problem_seed)
      : c(wanted), h(c.units), n(c.batch), seed(problem_seed * 0x9E3779B97F4A7C15u) {
    Random random{problem_seed};
    const auto fill = [&](size_t count, double scale) {
      Floats values(count);
      for (float& v : values) {
        v = static_cast<float>(scale * random());
      }
      return values;
    };
    recurrent = fill(static_cast<size_t>(3) * h * h, 1.5 / std::sqrt(h));
    input_bias = fill(3 * h, 0.3);
    recurrent_bias = fill(3 * h, 0.3);
    thresholds = fill(h, 0.05);
    for (float& theta : thresholds) {
      theta += static_cast<float>(c.threshold);
    }
    currents = fill(static_cast<size_t>(3) * c.steps * n * h, 1.5);
    y0 = fill(n * h, 1);
    h0 = fill(n * h, 1);
    for (size_t k = 0; k < y0.size(); k++) {
      y0[k] = k % 3 == 0 ? y0[k] : 0.0f;
    }
    error_y = fill(static_cast<size_t>(c.steps) * n * h, 1);
    error_trace = fill(n * h, 1);
    error_last_y = fill(n * h, 1);
    error_last_h = fill(n * h, 1);
    rate = fill(h, 0.1);
    for (int b = 0; b < n; b++) {
      lengths.push_back(c.lengths ? (b * 2 + c.steps - 1) % (c.steps + 1) : c.steps);
    }
  }

  double taken(int t, int b, int i) const {
    if (!c.zoneout) {
      return 1;
    }
    if (!c.training) {
      return 1 - kZoneout;
    }
    const auto e = static_cast<uint32_t>(b * h + i);
    const uint32_t word = philox_word(e / 4, t, 0, 2, seed, static_cast<int>(e % 4));
    return (word >> 8) * 0x1p-24 < kZoneout ? 0 : 1;
  }
};

/** The equations as they are written, for all units of all steps. */
struct Oracle {
  const Problem& p;
  bool paper;
  int h, n, steps;
  // [steps][batch][units]
  Doubles z, r, g, q, c, o, y, state;
  Doubles trace, last_y, last_h;
  std::vector<int32_t> counts;
  double margin = 1e9;
  Doubles d_currents, d_recurrent, d_input_bias, d_recurrent_bias, d_thresholds, d_y0, d_h0;

  explicit Oracle(const Problem& problem)
      : p(problem),
        paper(p.c.variant == EgruVariant::kPaper),
        h(p.h),
        n(p.n),
        steps(p.c.steps) {
    forward();
    backward();
  }

  size_t at(int t, int b, int i) const {
    const int time = p.c.reversed && t < p.lengths[b] ? p.lengths[b] - 1 - t : t;
    return (static_cast<size_t>(time) * n + b) * h + i;
  }
  double weight(int from, int gate, int to) const {
    return p.recurrent[static_cast<size_t>(from) * 3 * h + gate * h + to];
  }
  double y_before(int t, int b, int i) const {
    return t > 0 ? y[at(t - 1, b, i)] : p.c.initial ? p.y0[b * h + i] : 0;
  }
  double h_before(int t, int b, int i) const {
    return t > 0 ? state[at(t - 1, b, i)] : p.c.initial ? p.h0[b * h + i] : 0;
  }

  void forward() {
    for (Doubles* a : {&z, &r, &g, &q, &c, &o, &y, &state}) {
      a->assign(static_cast<size_t>(steps) * n * h, 0);
    }
    trace.assign(n * h, 0);
    last_y.resize(n * h);
    last_h.resize(n * h);
    counts.assign(h, 0);
    for (int k = 0; k < n * h; k++) {
      last_y[k] = p.c.initial ? p.y0[k] : 0;
      last_h[k] = p.c.initial ? p.h0[k] : 0;
    }
    for (int b = 0; b < n; b++) {
      for (int t = 0; t < steps; t++) {
        step(t, b);
      }
    }
  }

  double product(int t, int b, int gate, int i) const {
    double sum = 0;
    for (int j = 0; j < h; j++) {
      const double sent = y_before(t, b, j) * (paper && gate == 2 ? r[at(t, b, j)] : 1);
      sum += sent * weight(j, gate, i);
    }
    return sum;
  }

  void step(int t, int b) {
    if (t >= p.lengths[b]) {
      for (int i = 0; i < h; i++) {
        state[at(t, b, i)] = h_before(t, b, i);
      }
      return;
    }
    const float* a = p.currents.data() + 3 * at(t, b, 0);
    for (int i = 0; i < h; i++) {
      const auto gate = [&](int which) {
        return a[which * h + i] + product(t, b, which, i) + p.input_bias[which * h + i] +
               (paper ? 0 : p.recurrent_bias[which * h + i]);
      };
      z[at(t, b, i)] = sigmoid(gate(0));
      r[at(t, b, i)] = sigmoid(gate(1));
    }
    for (int i = 0; i < h; i++) {
      const size_t k = at(t, b, i);
      const double in = a[2 * h + i] + p.input_bias[2 * h + i];
      const double before = h_before(t, b, i);
      q[k] = product(t, b, 2, i) + (paper ? 0 : p.recurrent_bias[2 * h + i]);
      g[k] = std::tanh(in + (paper ? q[k] : r[k] * q[k]));
      c[k] = paper ? z[k] * g[k] + (1 - z[k]) * before - (p.c.events ? y_before(t, b, i) : 0)
                   : z[k] * before + (1 - z[k]) * g[k];
      const double m = p.taken(t, b, i);
      c[k] = m * c[k] + (1 - m) * before;
      const double theta = p.thresholds[i];
      o[k] = !p.c.events || c[k] > theta;
      if (p.c.events) {
        margin = std::min(margin, std::fabs(c[k] - theta));
      }
      y[k] = o[k] * c[k];
      state[k] = p.c.events && !paper ? c[k] - o[k] * theta : c[k];
      counts[i] += o[k] != 0;
      trace[b * h + i] = kDecay * trace[b * h + i] + (1 - kDecay) * y[k];
      last_y[b * h + i] = y[k];
      last_h[b * h + i] = state[k];
    }
  }

  void backward() {
    d_currents.assign(p.currents.size(), 0);
    d_recurrent.assign(p.recurrent.size(), 0);
    d_input_bias.assign(3 * h, 0);
    d_recurrent_bias.assign(3 * h, 0);
    d_thresholds.assign(h, 0);
    for (int b = 0; b < n; b++) {
      Doubles dy(p.error_last_y.begin() + b * h, p.error_last_y.begin() + (b + 1) * h);
      Doubles dh(p.error_last_h.begin() + b * h, p.error_last_h.begin() + (b + 1) * h);
      Doubles dtr(p.error_trace.begin() + b * h, p.error_trace.begin() + (b + 1) * h);
      for (int t = p.lengths[b] - 1; t >= 0; t--) {
        retreat(t, b, dy, dh, dtr);
      }
      d_y0.insert(d_y0.end(), dy.begin(), dy.end());
      d_h0.insert(d_h0.end(), dh.begin(), dh.end());
    }
  }

  void retreat(int t, int b, Doubles& dy, Doubles& dh, Doubles& dtr) {
    Doubles dq(3 * h);
    Doubles e(h);
    Doubles direct(h);
    double* dp = d_currents.data() + 3 * at(t, b, 0);
    for (int i = 0; i < h; i++) {
      const size_t k = at(t, b, i);
      const double total = dy[i] + p.error_y[k] + (1 - kDecay) * dtr[i];
      dtr[i] *= kDecay;
      double dc = total + dh[i];
      if (p.c.events) {
        const double theta = p.thresholds[i];
        const double psi = kGamma * std::max(0.0, 1 - kSharpness * std::fabs(c[k] - theta));
        const double d_o = p.rate[i] + c[k] * total - (paper ? 0 : theta * dh[i]);
        d_thresholds[i] -= psi * d_o + (paper ? 0 : o[k] * dh[i]);
        dc = o[k] * total + psi * d_o + dh[i];
      }
      const double m = p.taken(t, b, i);
      const double before = h_before(t, b, i);
      const double keep = paper ? 1 - z[k] : z[k];
      dh[i] = (1 - m) * dc + keep * m * dc;
      direct[i] = paper && p.c.events ? -m * dc : 0;
      const double dg = (1 - keep) * m * dc;
      const double dz = (paper ? g[k] - before : before - g[k]) * m * dc;
      dp[2 * h + i] = (1 - g[k] * g[k]) * dg;
      dp[i] = z[k] * (1 - z[k]) * dz;
      dp[h + i] = r[k] * (1 - r[k]) * q[k] * dp[2 * h + i];
      dq[2 * h + i] = paper ? dp[2 * h + i] : r[k] * dp[2 * h + i];
    }
    for (int j = 0; j < h && paper; j++) {
      for (int i = 0; i < h; i++) {
        e[j] += dp[2 * h + i] * weight(j, 2, i);
      }
      const size_t k = at(t, b, j);
      dp[h + j] = r[k] * (1 - r[k]) * y_before(t, b, j) * e[j];
    }
    for (int i = 0; i < 2 * h; i++) {
      dq[i] = dp[i];
    }
    for (int j = 0; j < h; j++) {
      const size_t k = at(t, b, j);
      const double sent = y_before(t, b, j);
      double sum = direct[j] + (paper ? r[k] * e[j] : 0);
      for (int i = 0; i < 3 * h; i++) {
        const bool candidate = i >= 2 * h;
        d_recurrent[static_cast<size_t>(j) * 3 * h + i] +=
            sent * (paper && candidate ? r[k] : 1) * dq[i];
        sum += paper && candidate ? 0 : dq[i] * p.recurrent[static_cast<size_t>(j) * 3 * h + i];
      }
      dy[j] = sum;
    }
    for (int i = 0; i < 3 * h; i++) {
      d_input_bias[i] += dp[i];
      d_recurrent_bias[i] += paper ? 0 : dq[i];
    }
  }
};

bool near(const char* what, const Floats& a, const Doubles& b, double tolerance) {
  for (size_t k = 0; k < b.size(); k++) {
    if (!(std::fabs(a[k] - b[k]) <= tolerance * (1 + std::fabs(b[k])))) {
      std::printf("  %s[%zu]: %g, expected %g\n", what, k, a[k], b[k]);
      return false;
    }
  }
  return true;
}

/** Memory of exactly as many bytes as are asked for. */
struct Scratch {
  explicit Scratch(size_t bytes) : memory(std::max<size_t>(bytes, 1), char(0x5a)) {}
  tacet::Workspace workspace() { return {memory.data(), memory.size()}; }
  std::vector<char> memory;
};

/** Rows of units, and room for another direction before or after them. */
struct Rows {
  Floats values;
  int units;
  int first;
  int columns;

  Rows(const Floats& own, const Case& c, float other)
      : units(c.units), first(c.reversed ? c.units : 0), columns(c.reversed ? 2 * c.units : c.units) {
    values.assign(own.size() / units * columns, other);
    for (size_t k = 0; k < own.size(); k++) {
      values[k / units * columns + first + k % units] = own[k];
    }
  }

  float* data() { return values.data() + first; }
  size_t stride() const { return columns; }

  Floats own() const {
    Floats result;
    for (size_t k = 0; k < values.size(); k += columns) {
      result.insert(result.end(), values.begin() + k + first, values.begin() + k + first + units);
    }
    return result;
  }

  /** Whether the other direction's values are still there. */
  bool kept(float other) const {
    for (size_t k = 0; k < values.size(); k++) {
      const int column = static_cast<int>(k % columns);
      if ((column < first || column >= first + units) && values[k] != other) {
        return false;
      }
    }
    return true;
  }
};

/** Returns all results, for comparisons bit by bit. */
Floats compare(const Problem& p, const Oracle& oracle, EgruEngine engine, float activity) {
  const Case& c = p.c;
  const size_t all = static_cast<size_t>(c.steps) * c.batch * c.units;
  const size_t words = static_cast<size_t>(c.steps) * c.batch * ((c.units + 31) / 32);
  tacet::EgruCall call{};
  call.layer = {p.recurrent.data(),
                p.input_bias.data(),
                p.recurrent_bias.data(),
                p.thresholds.data(),
                c.units,
                c.variant,
                c.events,
                engine,
                c.zoneout ? static_cast<float>(kZoneout) : 0.0f,
                c.zoneout ? static_cast<uint32_t>(std::ceil(kZoneout * 0x1p24)) : 0u,
                static_cast<float>(kGamma),
                static_cast<float>(kSharpness),
                static_cast<float>(kDecay),
                c.clusters,
                c.launch_steps};
  call.sequence = {p.currents.data(),
                   c.lengths ? p.lengths.data() : nullptr,
                   c.initial ? p.y0.data() : nullptr,
                   c.initial ? p.h0.data() : nullptr,
                   c.steps,
                   c.batch,
                   c.training,
                   p.seed,
                   c.reversed,
                   activity};
  const float poison = NAN;
  Floats h(all, poison), z(all, poison), r(all, poison), g(all, poison), q(all, poison);
  std::vector<uint16_t> short_z(all), short_r(all), short_g(all), short_q(all);
  std::vector<uint32_t> events(words, 0xdeadbeefu);
  call.tape = {h.data(), z.data(), r.data(), g.data(), q.data(), events.data(), false};
  if (c.compact) {
    call.tape = {h.data(),       short_z.data(), short_r.data(), short_g.data(),
                 short_q.data(), events.data(),  true};
  }
  if (!c.product) {
    call.tape.q = nullptr;
  }
  const float other = 7;
  Rows y(Floats(all, poison), c, other), trace(Floats(c.batch * c.units, poison), c, other);
  Floats last_y(c.batch * c.units, poison), last_h(c.batch * c.units, poison);
  std::vector<int32_t> counts(c.units, 5);
  const tacet::EgruOutputsView outputs{y.data(), trace.data(), last_y.data(), last_h.data(),
                                       counts.data(), y.stride(), trace.stride()};
  size_t bytes = 0;
  tacet_host::egru_forward_bytes(call, outputs, &bytes);
  Scratch forward(bytes);
  tacet_host::egru_forward(call, outputs, forward.workspace(), nullptr);
  CHECK(near("y", y.own(), oracle.y, 1e-5));
  CHECK(near("trace", trace.own(), oracle.trace, 1e-5));
  CHECK(y.kept(other) && trace.kept(other));
  CHECK(near("last y", last_y, oracle.last_y, 1e-5));
  CHECK(near("last h", last_h, oracle.last_h, 1e-5));
  CHECK(near("tape h", h, oracle.state, 1e-5));
  bool counted = true;
  for (int i = 0; i < c.units; i++) {
    counted = counted && counts[i] == 5 + oracle.counts[i];
  }
  CHECK(counted);

  // Without a tape, and without what nobody wants.
  tacet::EgruCall bare = call;
  bare.tape = {};
  const Floats kept = last_y;
  const tacet::EgruOutputsView few{nullptr, nullptr, last_y.data(), last_h.data(), nullptr, 0, 0};
  tacet_host::egru_forward_bytes(bare, few, &bytes);
  Scratch inference(bytes);
  tacet_host::egru_forward(bare, few, inference.workspace(), nullptr);
  CHECK(last_y == kept);

  Floats d_currents(3 * all, poison), d_recurrent(p.recurrent.size(), 1.0f);
  Floats d_input_bias(3 * c.units, 1.0f), d_recurrent_bias(3 * c.units, 1.0f);
  Floats d_thresholds(c.units, 1.0f), d_y0(c.batch * c.units, poison);
  Floats d_h0(c.batch * c.units, poison);
  Rows error_y(p.error_y, c, poison), error_trace(p.error_trace, c, poison);
  const tacet::EgruErrorsView errors{error_y.data(),         error_trace.data(),
                                     p.error_last_y.data(),  p.error_last_h.data(),
                                     p.rate.data(),          error_y.stride(),
                                     error_trace.stride()};
  const tacet::EgruGradientsView gradients{d_currents.data(),       d_recurrent.data(),
                                           d_input_bias.data(),     d_recurrent_bias.data(),
                                           d_thresholds.data(),     d_y0.data(),
                                           d_h0.data()};
  tacet_host::egru_backward_bytes(call, gradients, &bytes);
  Scratch backward(bytes);
  tacet_host::egru_backward(call, errors, gradients, backward.workspace(), nullptr);
  const auto grown = [](Doubles values) {
    for (double& v : values) {
      v += 1;
    }
    return values;
  };
  // bfloat16 keeps 8 bits.
  const double tolerance = c.compact ? 0.04 : 5e-5;
  CHECK(near("d currents", d_currents, oracle.d_currents, tolerance));
  CHECK(near("d recurrent", d_recurrent, grown(oracle.d_recurrent), tolerance));
  CHECK(near("d input bias", d_input_bias, grown(oracle.d_input_bias), tolerance));
  CHECK(near("d recurrent bias", d_recurrent_bias, grown(oracle.d_recurrent_bias), tolerance));
  CHECK(near("d thresholds", d_thresholds, grown(oracle.d_thresholds), tolerance));
  CHECK(near("d y0", d_y0, oracle.d_y0, tolerance));
  CHECK(near("d h0", d_h0, oracle.d_h0, tolerance));
  Floats results = y.own();
  for (const Floats& more : {trace.own(), last_y, last_h, h, d_currents, d_recurrent, d_input_bias,
                             d_recurrent_bias, d_thresholds, d_y0, d_h0}) {
    results.insert(results.end(), more.begin(), more.end());
  }
  return results;
}

/** A problem in which no unit is near its threshold, and its solution. */
struct Solved {
  std::unique_ptr<Problem> problem;
  std::unique_ptr<Oracle> oracle;

  explicit Solved(const Case& c) {
    uint64_t seed = 10;
    do {
      problem = std::make_unique<Problem>(c, ++seed);
      oracle = std::make_unique<Oracle>(*problem);
    } while (oracle->margin < kMargin);
  }

  Floats compare(EgruEngine engine, float activity = -1) const {
    const int before = tacet::test::failures();
    Floats results = ::compare(*problem, *oracle, engine, activity);
    if (tacet::test::failures() != before) {
      std::printf("  in %s with engine %d, clusters %d\n", problem->c.name.c_str(),
                  static_cast<int>(engine), static_cast<int>(problem->c.clusters));
    }
    return results;
  }
};

void append(Floats* all, const Floats& more) { all->insert(all->end(), more.begin(), more.end()); }

/** Returns all results, an engine after the other. */
Floats compare_all(const Case& c, std::vector<EgruEngine> engines, float activity = -1) {
  const Solved solved(c);
  Floats all;
  for (EgruEngine engine : engines) {
    append(&all, solved.compare(engine, activity));
  }
  return all;
}

std::vector<Case> cases(EgruVariant variant) {
  std::vector<Case> all;
  const auto add = [&](const char* name, auto&& change) {
    Case c;
    c.name = name;
    c.variant = variant;
    change(c);
    all.push_back(c);
  };
  add("odd sizes", [](Case&) {});
  add("one sample, one step", [](Case& c) { c.batch = c.steps = 1; });
  add("one unit", [](Case& c) { c.units = 1; });
  add("aligned rows", [](Case& c) { c.units = 132; c.batch = 2; c.steps = 2; });
  add("more samples than a group", [](Case& c) { c.batch = 11; c.steps = 2; });
  add("zoneout in training", [](Case& c) { c.zoneout = c.training = true; });
  add("zoneout in evaluation", [](Case& c) { c.zoneout = true; });
  add("lengths", [](Case& c) { c.lengths = true; c.batch = 5; });
  add("backward in time", [](Case& c) { c.reversed = c.lengths = true; c.batch = 5; });
  add("no initial state", [](Case& c) { c.initial = false; });
  add("compact tape", [](Case& c) { c.compact = true; });
  add("a tape without q", [](Case& c) { c.product = false; c.lengths = true; c.batch = 5; });
  add("a compact tape without q, backward in time", [](Case& c) {
    c.product = false;
    c.compact = c.reversed = c.lengths = true;
  });
  add("silent", [](Case& c) { c.threshold = 3; });
  add("all active", [](Case& c) { c.threshold = -8; });
  add("without events", [](Case& c) { c.events = false; c.lengths = true; });
  return all;
}

}  // namespace

/** Fewer units: every block on the chip is a thread of the operating system with 512 stacks. */
Case narrow(Case c) {
  c.units = std::min(c.units, 11);
  return c;
}

constexpr EgruClusters kShapes[] = {EgruClusters::kOn, EgruClusters::kOff};
constexpr Schedule kSchedules[] = {Schedule::kForward, Schedule::kReverse, Schedule::kRandom};
constexpr EgruVariant kVariants[] = {EgruVariant::kCellResetAfter, EgruVariant::kPaper};

/** Options whose schedule depends on a number, for cases that are too large for all three. */
tacet::emulator::Options scheduled(int number) {
  tacet::emulator::Options options;
  options.schedule = kSchedules[number % 3];
  options.seed = 5;
  return options;
}

/** How the engine on the chip runs a case. */
void plan(const Case& c, tacet::EgruPassPlan* forward, tacet::EgruPassPlan* backward) {
  tacet::EgruCall call{};
  call.layer.units = c.units;
  call.layer.variant = c.variant;
  call.layer.events = c.events;
  call.layer.engine = EgruEngine::kPersistent;
  call.layer.clusters = c.clusters;
  call.sequence.batch = c.batch;
  call.sequence.steps = c.steps;
  tacet_host::egru_plan(call, forward, backward);
}

tacet::EgruPassPlan forward_plan(const Case& c) {
  tacet::EgruPassPlan forward;
  tacet::EgruPassPlan backward;
  plan(c, &forward, &backward);
  return forward;
}

/** Checks that both passes of a case are on the chip in the shape that it forces. */
void check_shape(const Case& c) {
  tacet::EgruPassPlan forward;
  tacet::EgruPassPlan backward;
  plan(c, &forward, &backward);
  for (const tacet::EgruPassPlan& pass : {forward, backward}) {
    CHECK(pass.engine == EgruEngine::kPersistent);
    CHECK(pass.clusters == (c.clusters == EgruClusters::kOn));
    CHECK(pass.teams > 0);
    CHECK(pass.blocks > 0);
  }
}

/** With teams that are clusters, and with teams that meet through memory. */
Floats compare_persistent(const Solved& solved) {
  Floats all;
  for (EgruClusters clusters : kShapes) {
    solved.problem->c.clusters = clusters;
    check_shape(solved.problem->c);
    append(&all, solved.compare(EgruEngine::kPersistent));
  }
  return all;
}

TEST_CASE("every engine is the oracle under every schedule, with the same bits under all") {
  for (EgruVariant variant : {EgruVariant::kCellResetAfter, EgruVariant::kPaper}) {
    Case c;
    c.name = "schedules";
    c.variant = variant;
    c.lengths = c.zoneout = c.training = c.reversed = true;
    c.steps = c.batch = 2;
    std::vector<Floats> results;
    tacet::test::under_every_schedule([&] {
      results.push_back(compare_all(c, {EgruEngine::kEvent, EgruEngine::kDense}));
      results.push_back(compare_persistent(Solved(narrow(c))));
    });
    for (size_t k = 2; k < results.size(); k++) {
      CHECK(results[k] == results[k % 2]);
    }
  }
}

TEST_CASE("the default variant is the oracle in every case") {
  for (const Case& c : cases(EgruVariant::kCellResetAfter)) {
    compare_all(c, {EgruEngine::kEvent, EgruEngine::kDense});
    compare_all(narrow(c), {EgruEngine::kPersistent});
  }
}

TEST_CASE("the variant of the paper is the oracle in every case") {
  for (const Case& c : cases(EgruVariant::kPaper)) {
    compare_all(c, {EgruEngine::kEvent, EgruEngine::kDense});
    compare_all(narrow(c), {EgruEngine::kPersistent});
  }
}

TEST_CASE("teams on the chip take turns at more groups than there are teams") {
  // Three groups of samples: for two clusters of eight blocks, and for two teams of eight blocks.
  int number = 0;
  for (EgruVariant variant : kVariants) {
    for (EgruClusters clusters : kShapes) {
      Case c;
      c.name = "teams";
      c.variant = variant;
      c.clusters = clusters;
      c.units = clusters == EgruClusters::kOn ? 20 : 300;
      c.batch = 19;
      c.steps = 2;
      tacet::EgruPassPlan forward;
      tacet::EgruPassPlan backward;
      plan(c, &forward, &backward);
      CHECK(forward.teams == 2 && forward.blocks == 8);
      CHECK(backward.teams == 2 && backward.blocks == 8);
      const tacet::emulator::OptionsScope scope(scheduled(number++));
      Solved(c).compare(EgruEngine::kPersistent);
    }
  }
}

TEST_CASE("batches of every size fill their groups of samples") {
  for (int batch = 1; batch <= 17; batch++) {
    Case c;
    c.name = "batch " + std::to_string(batch);
    c.batch = batch;
    c.units = 20;
    c.steps = 2;
    c.lengths = batch % 3 == 0;
    c.variant = kVariants[batch % 4 / 2];
    c.clusters = kShapes[batch % 2];
    check_shape(c);
    const tacet::emulator::OptionsScope scope(scheduled(batch));
    Solved(c).compare(EgruEngine::kPersistent);
  }
}

TEST_CASE("events of a block reach into the words of its neighbours") {
  // Nine units to a block: bits of a word come from up to five blocks, those of a block go to two.
  Case c;
  c.name = "event words";
  c.units = 140;
  c.steps = 2;
  for (int batch : {1, 2, 3, 5}) {
    c.batch = batch;
    c.threshold = batch == 2 ? -8 : 0.05;
    compare_persistent(Solved(c));
  }
}

TEST_CASE("where a launch ends changes no result") {
  for (EgruVariant variant : kVariants) {
    for (EgruClusters clusters : kShapes) {
      Case c;
      c.name = "launches";
      c.variant = variant;
      c.clusters = clusters;
      c.steps = 7;
      c.batch = 5;
      c.units = 11;
      c.lengths = c.zoneout = c.training = c.reversed = true;
      c.product = variant == EgruVariant::kPaper;
      check_shape(c);
      const Solved solved(c);
      const Floats whole = solved.compare(EgruEngine::kPersistent);
      for (int steps : {1, 3}) {
        solved.problem->c.launch_steps = steps;
        CHECK(solved.compare(EgruEngine::kPersistent) == whole);
      }
    }
  }
}

TEST_CASE("launches end within the steps whose product is computed again at once, and beyond them") {
  // 1024 rows are computed again at once: 204 steps of five samples.
  Case c;
  c.name = "launches and products";
  c.steps = 210;
  c.batch = 5;
  c.units = 3;
  c.product = false;
  c.threshold = -8;
  const Solved solved(c);
  const Floats whole = solved.compare(EgruEngine::kPersistent);
  solved.problem->c.launch_steps = 100;
  CHECK(solved.compare(EgruEngine::kPersistent) == whole);
}

TEST_CASE("sizes at the edge of what a cluster holds are the oracle in both shapes") {
  int number = 0;
  for (int units : {510, 511, 512, 514}) {
    for (EgruClusters clusters : kShapes) {
      // Each size in both variants and shapes, each shape in both variants.
      const int size = number / 2;
      Case c;
      c.name = std::to_string(units) + " units";
      c.steps = 2;
      c.batch = 1;
      c.units = units;
      c.clusters = clusters;
      c.variant = kVariants[(size + number) % 2];
      check_shape(c);
      const tacet::emulator::OptionsScope scope(scheduled(number++));
      Solved(c).compare(EgruEngine::kPersistent);
    }
  }
}

TEST_CASE("sizes at the edge of what a block holds choose alike") {
  Case c;
  c.batch = 8;
  for (int units : {510, 511, 512}) {
    c.units = units;
    const tacet::EgruPassPlan plan = forward_plan(c);
    CHECK(plan.engine == EgruEngine::kPersistent && plan.clusters && plan.blocks == 16);
  }
  // All of a block's shared memory but 768 bytes.
  c.steps = 1;
  c.units = 512;
  compare_persistent(Solved(c));
  for (EgruClusters clusters : kShapes) {
    c.units = 514;
    c.clusters = clusters;
    CHECK(forward_plan(c).engine == EgruEngine::kEvent);
  }
}

TEST_CASE("clusters are taken while their blocks have few units, or no more than others") {
  tacet::emulator::Options options;
  options.architecture = 120;  // clusters of up to eight blocks, 16 multiprocessors
  const tacet::emulator::OptionsScope scope(options);
  Case c;
  c.batch = 1;
  c.units = 128;
  CHECK(forward_plan(c).clusters && forward_plan(c).blocks == 8);
  c.units = 129;
  CHECK(!forward_plan(c).clusters && forward_plan(c).blocks == 15);
  // Ten groups: two cooperative teams have eight blocks each, as clusters have.
  c.batch = 80;
  c.units = 200;
  CHECK(forward_plan(c).clusters && forward_plan(c).blocks == 8);
}

TEST_CASE("clusters that are asked for where there are none are an error") {
  tacet::emulator::Options options;
  options.architecture = 80;
  const tacet::emulator::OptionsScope scope(options);
  Case c;
  c.clusters = EgruClusters::kOn;
  CHECK(tacet::test::contains(tacet::test::error_of([&] { forward_plan(c); }),
                              "set tacet.egru.clusters to auto or off"));
  c.clusters = EgruClusters::kAuto;
  CHECK(forward_plan(c).engine == EgruEngine::kPersistent && !forward_plan(c).clusters);
}

/** Compares under every schedule, with the same bits under all. */
void compare_schedules(const Case& c, EgruEngine engine) {
  std::vector<Floats> results;
  tacet::test::under_every_schedule([&] { results.push_back(compare_all(c, {engine})); });
  for (const Floats& result : results) {
    CHECK(result == results[0]);
  }
}

TEST_CASE("the gradient of R goes over more pairs than are staged at once, and over parts") {
  // Pairs of step and sample: 72 are two times of staging, 520 are two parts.
  for (EgruVariant variant : {EgruVariant::kCellResetAfter, EgruVariant::kPaper}) {
    Case c;
    c.name = "many pairs";
    c.variant = variant;
    c.steps = 4;
    c.units = 5;
    c.lengths = true;
    c.batch = 18;
    compare_schedules(c, EgruEngine::kEvent);
    c.batch = 130;
    compare_all(c, {EgruEngine::kDense});
  }
}

TEST_CASE("products on the chip go over more sources than are staged at once") {
  // Forward 514 units are two times of staging, backward their 1542 gates four.
  Case c;
  c.name = "many sources";
  c.steps = 2;
  c.batch = 1;
  c.units = 514;
  CHECK(forward_plan(c).engine == EgruEngine::kPersistent);
  compare_schedules(c, EgruEngine::kPersistent);
  c.variant = EgruVariant::kPaper;
  compare_all(c, {EgruEngine::kPersistent});
}

TEST_CASE("a product computed again is the one that was kept") {
  // Thresholds of 0, so that the tape gives events back exactly; enough steps for several parts.
  Case c;
  c.steps = 600;
  c.units = 5;
  c.threshold = 0;
  Problem p(c, 3);
  std::fill(p.thresholds.begin(), p.thresholds.end(), 0.0f);
  const auto gradient = [&](bool product) {
    const size_t all = static_cast<size_t>(c.steps) * c.batch * c.units;
    Floats h(all), z(all), r(all), g(all), q(all), currents(3 * all);
    std::vector<uint32_t> events(static_cast<size_t>(c.steps) * c.batch);
    tacet::EgruCall call{};
    call.layer.recurrent = p.recurrent.data();
    call.layer.input_bias = p.input_bias.data();
    call.layer.recurrent_bias = p.recurrent_bias.data();
    call.layer.thresholds = p.thresholds.data();
    call.layer.units = c.units;
    call.layer.events = true;
    call.layer.engine = EgruEngine::kDense;
    call.layer.gamma = static_cast<float>(kGamma);
    call.layer.sharpness = static_cast<float>(kSharpness);
    call.sequence.currents = p.currents.data();
    call.sequence.steps = c.steps;
    call.sequence.batch = c.batch;
    call.tape = {h.data(), z.data(), r.data(), g.data(), product ? q.data() : nullptr,
                 events.data(), false};
    const tacet::EgruOutputsView outputs{};
    size_t bytes = 0;
    tacet_host::egru_forward_bytes(call, outputs, &bytes);
    Scratch forward(bytes);
    tacet_host::egru_forward(call, outputs, forward.workspace(), nullptr);
    tacet::EgruErrorsView errors{};
    errors.y = p.error_y.data();
    errors.y_stride = c.units;
    tacet::EgruGradientsView gradients{};
    gradients.currents = currents.data();
    tacet_host::egru_backward_bytes(call, gradients, &bytes);
    Scratch backward(bytes);
    tacet_host::egru_backward(call, errors, gradients, backward.workspace(), nullptr);
    return currents;
  };
  const Floats kept = gradient(true);
  CHECK(gradient(false) == kept);
  CHECK(std::any_of(kept.begin(), kept.end(), [](float d) { return d != 0; }));
}

TEST_CASE("the engine is what was asked for, or what fits") {
  const auto engine = [](int batch, int units, EgruVariant variant, EgruEngine wanted, bool events,
                         int steps = 10) {
    tacet::EgruCall call{};
    call.layer.units = units;
    call.layer.variant = variant;
    call.layer.events = events;
    call.layer.engine = wanted;
    call.sequence.batch = batch;
    call.sequence.steps = steps;
    return tacet_host::egru_engine(call);
  };
  const auto cell = EgruVariant::kCellResetAfter;
  CHECK(engine(4, 64, cell, EgruEngine::kAuto, true) == EgruEngine::kPersistent);
  CHECK(engine(64, 64, cell, EgruEngine::kAuto, true) == EgruEngine::kDense);
  CHECK(engine(64, 64, cell, EgruEngine::kPersistent, true) == EgruEngine::kPersistent);
  CHECK(engine(4, 4096, cell, EgruEngine::kPersistent, true) == EgruEngine::kEvent);
  CHECK(engine(4, 4096, cell, EgruEngine::kAuto, false) == EgruEngine::kDense);
  CHECK(engine(4, 64, EgruVariant::kPaper, EgruEngine::kAuto, true) == EgruEngine::kPersistent);
  CHECK(engine(4, 64, cell, EgruEngine::kAuto, true, 1) == EgruEngine::kEvent);
  CHECK(engine(4, 64, cell, EgruEngine::kPersistent, true, 1) == EgruEngine::kPersistent);
  CHECK(engine(4, 64, cell, EgruEngine::kDense, true) == EgruEngine::kDense);
}

TEST_CASE("the engine is chosen by the activity where it is known") {
  const auto engine = [](int batch, int units, double activity, bool events = true) {
    tacet::EgruCall call{};
    call.layer.units = units;
    call.layer.events = events;
    call.sequence.batch = batch;
    call.sequence.steps = 10;
    call.sequence.activity = static_cast<float>(activity);
    return tacet_host::egru_engine(call);
  };
  // A layer that does not fit on the chip, with a few samples: unless all rows are in the union.
  CHECK(engine(8, 4096, -1) == EgruEngine::kEvent);
  CHECK(engine(8, 4096, 0.3) == EgruEngine::kEvent);
  CHECK(engine(8, 4096, 0.6) == EgruEngine::kDense);
  CHECK(engine(1, 4096, 0.9) == EgruEngine::kEvent);
  CHECK(engine(1, 4096, 1) == EgruEngine::kDense);
  // Rows that are not aligned cost EVENT more.
  CHECK(engine(8, 4098, 0.3) == EgruEngine::kDense);
  CHECK(engine(8, 4098, 0.1) == EgruEngine::kEvent);
  // Larger batches read rows for each sample.
  CHECK(engine(16, 4096, 0.05) == EgruEngine::kEvent);
  CHECK(engine(16, 4096, 0.1) == EgruEngine::kDense);
  CHECK(engine(64, 512, -1) == EgruEngine::kDense);
  CHECK(engine(64, 512, 0.03) == EgruEngine::kEvent);
  CHECK(engine(64, 512, 0.06) == EgruEngine::kDense);
  CHECK(engine(64, 512, 0.03, false) == EgruEngine::kDense);
  // The engine on the chip takes as long at any activity.
  CHECK(engine(16, 64, 0.01) == EgruEngine::kPersistent);
}

TEST_CASE("results do not depend on what is said about the activity") {
  Case c;
  c.name = "activity";
  c.steps = 2;
  c.batch = 40;
  c.units = 12;
  for (float activity : {0.0f, 1.0f}) {
    compare_all(c, {EgruEngine::kAuto}, activity);
  }
}

int main() { return tacet::test::run_all(); }
