// A layer of event-gated units and a sequence as plain loops in double precision, and the comparison
// of kernels with them on arrays of the exact size, so that the address sanitizer sees every element
// beyond them.
#pragma once

#include "egru/egru.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check.h"

namespace tacet::test {

using tacet::EgruClusters;
using tacet::EgruEngine;
using tacet::EgruVariant;
using tacet::emulator::Schedule;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

/** How an engine on the chip may lay out its blocks. */
inline constexpr EgruClusters kShapes[] = {EgruClusters::kOn, EgruClusters::kOff};

/** Options whose schedule depends on a number, for cases that are too large for all three. */
inline tacet::emulator::Options scheduled(int number) {
  constexpr Schedule kSchedules[] = {Schedule::kForward, Schedule::kReverse, Schedule::kRandom};
  tacet::emulator::Options options;
  options.schedule = kSchedules[number % 3];
  options.seed = 5;
  return options;
}

constexpr double kGamma = 0.7;
constexpr double kSharpness = 1.3;
constexpr double kDecay = 0.9;
constexpr double kZoneout = 0.3;
/** Closer to the threshold two precisions may disagree about an event. */
constexpr double kMargin = 2e-5;
/** Closer to the middle of two bfloat16 they may round to either. */
constexpr double kRoundingMargin = 2e-7;

/** How recurrent weights are stored. */
enum class Storage { kDense, kSharedPattern, kOwnPatterns };

struct EgruCase {
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
  Storage storage = Storage::kDense;
  /** Of a pattern: fraction of synapses that there are, whether indices have 16 bits, and slack. */
  double density = 0.3;
  bool narrow = false;
  int slack = 0;
  /** Of the layer; the oracle's recurrent products have them only where a case says so. */
  tacet::Factors factors = tacet::Factors::kFloat32;
  tacet::Factors product_factors = tacet::Factors::kFloat32;
  /** Whether the weights alone have them, not what is sent. */
  bool weights_only = false;
  /** Of the engine EVENT. */
  tacet::EgruStreaming streaming = tacet::EgruStreaming::kAuto;
  /** The same of those on the way back. */
  tacet::Factors adjoint_factors = tacet::Factors::kFloat32;
};

struct Plan {
  tacet::EgruPassPlan forward;
  tacet::EgruPassPlan backward;
};

/** How an engine takes a case; an activity below 0 is not known. */
inline Plan plan_of(const EgruCase& c, EgruEngine engine = EgruEngine::kPersistent,
                    float activity = -1.0f) {
  tacet::EgruCall call{};
  call.layer.units = c.units;
  call.layer.variant = c.variant;
  call.layer.events = c.events;
  call.layer.engine = engine;
  call.layer.clusters = c.clusters;
  call.layer.factors = c.factors;
  call.layer.streaming = c.streaming;
  call.sequence.batch = c.batch;
  call.sequence.steps = c.steps;
  call.sequence.activity = activity;
  Plan plan;
  tacet_host::egru_plan(call, &plan.forward, &plan.backward);
  return plan;
}

/** A number as bfloat16, or as a sum of two. */
struct Split {
  double high = 0;
  double low = 0;

  Split(double exact, tacet::Factors factors) : high(exact) {
    if (factors != tacet::Factors::kFloat32) {
      high = rounded(exact);
      low = factors == tacet::Factors::kBfloat16x3 ? rounded(exact - high) : 0;
    }
  }

  double times(const Split& other) const {
    return high * other.high + high * other.low + low * other.high;
  }

  static double ulp(double value) {
    int exponent = 0;
    std::frexp(value, &exponent);
    return std::ldexp(1.0, exponent - 8);
  }

  /** To the nearest, of two to the even one; of numbers that bfloat16 has without their exponent's end. */
  static double rounded(double value) {
    return value == 0 ? 0 : std::nearbyint(value / ulp(value)) * ulp(value);
  }

  /** How far a number is from where it is rounded to another one. */
  static double distance(double value) {
    const double place = std::fabs(value) / ulp(value);
    return value == 0 ? 1 : std::fabs(place - std::floor(place) - 0.5) * ulp(value);
  }
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
inline uint32_t philox_word(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key, int which) {
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

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/** Recurrent weights on a pattern; the dense ones of the same problem are 0 where there is no synapse. */
struct Pattern {
  std::vector<int32_t> offsets{0};
  std::vector<int32_t> indices;
  std::vector<uint16_t> narrow;
  /** Values of a synapse, and where each is among the dense ones. */
  int each = 0;
  std::vector<size_t> dense;
  Floats values;
  int targets = 0;
  int64_t slack = 0;

  Pattern() = default;

  /** Keeps some of the dense weights and clears the others. */
  Pattern(const EgruCase& c, uint64_t seed, Floats* recurrent)
      : each(c.storage == Storage::kSharedPattern ? 3 : 1), targets(3 * c.units / each), slack(c.slack) {
    Random random{seed};
    for (int j = 0; j < c.units; j++) {
      for (int m = 0; m < targets; m++) {
        // One row is full, every seventh is empty.
        const bool kept = j == 1 || (j % 7 != 3 && (random() + 1) / 2 < c.density);
        for (int g = 0; g < each; g++) {
          const size_t at = static_cast<size_t>(j) * 3 * c.units + g * c.units + m;
          if (kept) {
            dense.push_back(at);
            values.push_back((*recurrent)[at]);
          } else {
            (*recurrent)[at] = 0;
          }
        }
        if (kept) {
          indices.push_back(m);
        }
      }
      offsets.push_back(static_cast<int32_t>(indices.size()));
    }
    indices.resize(indices.size() + slack, c.narrow ? 65535 : 1 << 30);
    narrow.assign(indices.begin(), indices.end());
    values.resize(each * indices.size(), NAN);
  }

  PatternView view(const EgruCase& c) const {
    return {offsets.data(),
            c.narrow ? static_cast<const void*>(narrow.data()) : indices.data(),
            static_cast<int64_t>(indices.size()),
            c.units,
            targets,
            c.narrow};
  }
};

/** A layer, a sequence and derivatives of a loss; the same numbers for kernels and for the oracle. */
struct Problem {
  EgruCase c;
  int h;
  int n;
  Floats recurrent, input_bias, recurrent_bias, thresholds, currents, y0, h0;
  Floats error_y, error_trace, error_last_y, error_last_h, rate;
  std::vector<int32_t> lengths;
  Pattern pattern;
  uint64_t seed;

  Problem(const EgruCase& wanted, uint64_t problem_seed)
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
    if (c.storage != Storage::kDense) {
      pattern = Pattern(c, problem_seed + 99, &recurrent);
    }
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

  /** As the layer stores them. */
  const Floats& weights() const { return c.storage == Storage::kDense ? recurrent : pattern.values; }

  /** Values of dense weights in that order, without those of the slack. */
  Doubles stored(const Doubles& all) const {
    if (c.storage == Storage::kDense) {
      return all;
    }
    Doubles result;
    for (size_t at : pattern.dense) {
      result.push_back(all[at]);
    }
    return result;
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
  /** Of what is sent from being rounded to another factor. */
  double rounding_margin = 1e9;
  /** Sums of the sizes of what d_recurrent are sums of. */
  Doubles recurrent_sizes;
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
    const tacet::Factors factors = p.c.product_factors;
    double sum = 0;
    for (int j = 0; j < h; j++) {
      const double sent = y_before(t, b, j) * (paper && gate == 2 ? r[at(t, b, j)] : 1);
      if (sent != 0) {
        sum += Split(sent, p.c.weights_only ? tacet::Factors::kFloat32 : factors).times(Split(weight(j, gate, i), factors));
      }
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
      if (p.c.product_factors == tacet::Factors::kBfloat16 && !p.c.weights_only) {
        rounding_margin = std::min(rounding_margin, Split::distance(y[k]));
      }
      state[k] = p.c.events && !paper ? c[k] - o[k] * theta : c[k];
      counts[i] += o[k] != 0;
      trace[b * h + i] = kDecay * trace[b * h + i] + (1 - kDecay) * y[k];
      last_y[b * h + i] = y[k];
      last_h[b * h + i] = state[k];
    }
  }

  /**
   * @param sent_back adjoints of the recurrent products as kernels have them, [steps][batch][3 units], so
   *     that both round them to the same factors; null if factors are exact
   */
  void backward(const Floats* sent_back = nullptr) {
    d_y0.clear();
    d_h0.clear();
    d_currents.assign(p.currents.size(), 0);
    d_recurrent.assign(p.recurrent.size(), 0);
    recurrent_sizes.assign(p.recurrent.size(), 0);
    d_input_bias.assign(3 * h, 0);
    d_recurrent_bias.assign(3 * h, 0);
    d_thresholds.assign(h, 0);
    for (int b = 0; b < n; b++) {
      Doubles dy(p.error_last_y.begin() + b * h, p.error_last_y.begin() + (b + 1) * h);
      Doubles dh(p.error_last_h.begin() + b * h, p.error_last_h.begin() + (b + 1) * h);
      Doubles dtr(p.error_trace.begin() + b * h, p.error_trace.begin() + (b + 1) * h);
      for (int t = p.lengths[b] - 1; t >= 0; t--) {
        retreat(t, b, dy, dh, dtr, sent_back);
      }
      d_y0.insert(d_y0.end(), dy.begin(), dy.end());
      d_h0.insert(d_h0.end(), dh.begin(), dh.end());
    }
  }

  void retreat(int t, int b, Doubles& dy, Doubles& dh, Doubles& dtr, const Floats* sent_back) {
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
    const tacet::Factors factors =
        sent_back == nullptr ? tacet::Factors::kFloat32 : p.c.adjoint_factors;
    const auto source = [&](int i) {
      return Split(sent_back == nullptr ? dq[i] : (*sent_back)[3 * at(t, b, 0) + i], factors);
    };
    for (int j = 0; j < h && paper; j++) {
      for (int i = 0; i < h; i++) {
        e[j] += source(2 * h + i).times(Split(weight(j, 2, i), factors));
      }
      const size_t k = at(t, b, j);
      dp[h + j] = r[k] * (1 - r[k]) * y_before(t, b, j) * e[j];
    }
    for (int i = 0; i < 2 * h; i++) {
      dq[i] = dp[i];
    }
    std::vector<Split> sources;
    for (int i = 0; i < 3 * h; i++) {
      sources.push_back(source(i));
    }
    for (int j = 0; j < h; j++) {
      const size_t k = at(t, b, j);
      const double sent = y_before(t, b, j);
      double sum = direct[j] + (paper ? r[k] * e[j] : 0);
      for (int i = 0; i < 3 * h; i++) {
        const bool candidate = i >= 2 * h;
        const double term = sent * (paper && candidate ? r[k] : 1) * dq[i];
        d_recurrent[static_cast<size_t>(j) * 3 * h + i] += term;
        recurrent_sizes[static_cast<size_t>(j) * 3 * h + i] += std::fabs(term);
        const double w = p.recurrent[static_cast<size_t>(j) * 3 * h + i];
        sum += paper && candidate ? 0 : sources[i].times(Split(w, factors));
      }
      dy[j] = sum;
    }
    for (int i = 0; i < 3 * h; i++) {
      d_input_bias[i] += dp[i];
      d_recurrent_bias[i] += paper ? 0 : dq[i];
    }
  }
};

/** @param more what each may be off beside its tolerance, or empty */
inline bool near(const char* what, const Floats& a, const Doubles& b, double tolerance,
                 const Doubles& more = {}) {
  for (size_t k = 0; k < b.size(); k++) {
    const double bound = tolerance * (1 + std::fabs(b[k])) + (more.empty() ? 0 : more[k]);
    if (!(std::fabs(a[k] - b[k]) <= bound)) {
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

  Rows(const Floats& own, const EgruCase& c, float other)
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
inline Floats compare(const Problem& p, const Oracle& oracle, EgruEngine engine, float activity) {
  const EgruCase& c = p.c;
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
                INFINITY,
                INFINITY,
                INFINITY,
                c.clusters,
                c.launch_steps};
  if (c.storage != Storage::kDense) {
    call.layer.recurrent = p.pattern.values.data();
    call.layer.pattern = p.pattern.view(c);
  }
  call.layer.factors = c.factors;
  call.layer.streaming = c.streaming;
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

  Floats d_currents(3 * all, poison), d_recurrent(p.weights().size(), 1.0f);
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
                                           d_thresholds.data(),
                                           c.initial ? d_y0.data() : nullptr,
                                           c.initial ? d_h0.data() : nullptr};
  tacet_host::egru_backward_bytes(call, gradients, &bytes);
  Scratch backward(bytes);
  tacet_host::egru_backward(call, errors, gradients, backward.workspace(), nullptr);
  std::optional<Oracle> rounded;
  if (c.adjoint_factors != tacet::Factors::kFloat32) {
    Floats sent_back = d_currents;
    for (size_t k = 0; k < all && c.variant != EgruVariant::kPaper; k++) {
      const uint32_t word = uint32_t{short_r[k]} << 16;
      float reset = r[k];
      if (c.compact) {
        std::memcpy(&reset, &word, sizeof(reset));
      }
      sent_back[k / c.units * 3 * c.units + 2 * c.units + k % c.units] *= reset;
    }
    rounded.emplace(oracle);
    rounded->backward(&sent_back);
  }
  const Oracle& expected = rounded ? *rounded : oracle;
  const auto grown = [](Doubles values) {
    for (double& v : values) {
      v += 1;
    }
    return values;
  };
  // bfloat16 keeps 8 bits.
  const double tolerance = c.compact ? 0.04 : 5e-5;
  CHECK(near("d currents", d_currents, expected.d_currents, tolerance));
  // What factors lack: 2^-15 or 2^-7 of each term.
  Doubles lacking = p.stored(expected.recurrent_sizes);
  for (double& bound : lacking) {
    bound *= c.factors == tacet::Factors::kFloat32      ? 0
             : c.factors == tacet::Factors::kBfloat16x3 ? 0x1p-15
                                                        : 0x1p-7;
  }
  CHECK(near("d recurrent", d_recurrent, grown(p.stored(expected.d_recurrent)), tolerance, lacking));
  CHECK(std::all_of(d_recurrent.end() - p.pattern.each * p.pattern.slack, d_recurrent.end(),
                    [](float d) { return d == 1; }));
  CHECK(near("d input bias", d_input_bias, grown(expected.d_input_bias), tolerance));
  CHECK(near("d recurrent bias", d_recurrent_bias, grown(expected.d_recurrent_bias), tolerance));
  CHECK(near("d thresholds", d_thresholds, grown(expected.d_thresholds), tolerance));
  if (c.initial) {
    CHECK(near("d y0", d_y0, expected.d_y0, tolerance));
    CHECK(near("d h0", d_h0, expected.d_h0, tolerance));
  }
  Floats results = y.own();
  for (const Floats& more : {trace.own(), last_y, last_h, h, d_currents, d_recurrent, d_input_bias,
                             d_recurrent_bias, d_thresholds}) {
    results.insert(results.end(), more.begin(), more.end());
  }
  for (const Floats& more : {d_y0, d_h0}) {
    results.insert(results.end(), more.begin(), c.initial ? more.end() : more.begin());
  }
  return results;
}

/** A problem in which no unit is near its threshold, and its solution. */
struct Solved {
  std::unique_ptr<Problem> problem;
  std::unique_ptr<Oracle> oracle;

  explicit Solved(const EgruCase& c) {
    uint64_t seed = 10;
    do {
      problem = std::make_unique<Problem>(c, ++seed);
      oracle = std::make_unique<Oracle>(*problem);
    } while (oracle->margin < kMargin || oracle->rounding_margin < kRoundingMargin);
  }

  Floats compare(EgruEngine engine, float activity = -1) const {
    const int before = failures();
    Floats results = test::compare(*problem, *oracle, engine, activity);
    if (failures() != before) {
      std::printf("  in %s with engine %d, clusters %d\n", problem->c.name.c_str(),
                  static_cast<int>(engine), static_cast<int>(problem->c.clusters));
    }
    return results;
  }
};

inline void append(Floats* all, const Floats& more) { all->insert(all->end(), more.begin(), more.end()); }

/** Returns all results, an engine after the other. */
inline Floats compare_all(const EgruCase& c, std::vector<EgruEngine> engines, float activity = -1) {
  const Solved solved(c);
  Floats all;
  for (EgruEngine engine : engines) {
    append(&all, solved.compare(engine, activity));
  }
  return all;
}

}  // namespace tacet::test
