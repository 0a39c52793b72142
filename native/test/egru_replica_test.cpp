// Layers of event-gated units that are computed at once against each of them alone, on arrays of the
// exact size.
#include "egru_oracle.h"

namespace {

using namespace tacet::test;

constexpr int kReplicas = 3;
constexpr EgruVariant kVariants[] = {EgruVariant::kCellResetAfter, EgruVariant::kPaper};

using Problems = std::vector<const Problem*>;
/** Everything that all passes write, array after array. */
using Results = std::vector<Floats>;

/** Arrays of problems, one after the other. */
template <typename T>
std::vector<T> joined(const Problems& problems, std::vector<T> Problem::*member) {
  std::vector<T> all;
  for (const Problem* p : problems) {
    all.insert(all.end(), (p->*member).begin(), (p->*member).end());
  }
  return all;
}

/** Gates of a tape in one of two precisions. */
struct Gates {
  Floats wide;
  std::vector<uint16_t> narrow;

  Gates(size_t count, bool compact)
      : wide(compact ? 0 : count, NAN), narrow(compact ? count : 0, 0x7fc0) {}

  void* data() { return wide.empty() ? static_cast<void*>(narrow.data()) : wide.data(); }
};

/** The layers of problems of one shape, and their sequences. */
class Layers {
 public:
  Layers(const Problems& problems, EgruEngine engine)
      : c_(problems[0]->c),
        count_(problems.size()),
        recurrent_(joined(problems, &Problem::recurrent)),
        input_bias_(joined(problems, &Problem::input_bias)),
        recurrent_bias_(joined(problems, &Problem::recurrent_bias)),
        thresholds_(joined(problems, &Problem::thresholds)),
        currents_(joined(problems, &Problem::currents)),
        y0_(joined(problems, &Problem::y0)),
        h0_(joined(problems, &Problem::h0)),
        lengths_(joined(problems, &Problem::lengths)),
        error_y_(joined(problems, &Problem::error_y), c_, NAN),
        error_trace_(joined(problems, &Problem::error_trace), c_, NAN),
        error_last_y_(joined(problems, &Problem::error_last_y)),
        error_last_h_(joined(problems, &Problem::error_last_h)),
        rate_(joined(problems, &Problem::rate)),
        h_(all(), NAN),
        z_(all(), c_.compact),
        r_(all(), c_.compact),
        g_(all(), c_.compact),
        q_(all(), c_.compact),
        events_(count_ * c_.steps * c_.batch * ((c_.units + 31) / 32), 0xdeadbeefu) {
    for (const Problem* p : problems) {
      seeds_.push_back(static_cast<uint32_t>(p->seed));
      seeds_.push_back(static_cast<uint32_t>(p->seed >> 32));
    }
    tacet::EgruLayerView& layer = call_.layer;
    layer.recurrent = recurrent_.data();
    layer.input_bias = input_bias_.data();
    layer.recurrent_bias = recurrent_bias_.data();
    layer.thresholds = thresholds_.data();
    layer.units = c_.units;
    layer.variant = c_.variant;
    layer.events = c_.events;
    layer.engine = engine;
    layer.factors = c_.factors;
    layer.zoneout = c_.zoneout ? static_cast<float>(kZoneout) : 0.0f;
    layer.zoneout_limit = c_.zoneout ? static_cast<uint32_t>(std::ceil(kZoneout * 0x1p24)) : 0u;
    layer.gamma = static_cast<float>(kGamma);
    layer.sharpness = static_cast<float>(kSharpness);
    layer.trace_decay = static_cast<float>(kDecay);
    layer.clusters = c_.clusters;
    layer.launch_steps = c_.launch_steps;
    layer.replicas = static_cast<int>(count_);
    call_.sequence = {currents_.data(),
                      c_.lengths ? lengths_.data() : nullptr,
                      c_.initial ? y0_.data() : nullptr,
                      c_.initial ? h0_.data() : nullptr,
                      c_.steps,
                      c_.batch,
                      c_.training,
                      problems[0]->seed,
                      c_.reversed};
    if (count_ > 1) {
      call_.sequence.seeds = seeds_.data();
    }
    call_.tape = {h_.data(), z_.data(), r_.data(), g_.data(), c_.product ? q_.data() : nullptr,
                  events_.data(), c_.compact};
  }

  /** The seed from an array, also of one layer. */
  Layers& with_seeds() {
    call_.sequence.seed = 1;
    call_.sequence.seeds = seeds_.data();
    return *this;
  }

  Results run() {
    Results results = forward();
    const Results more = backward();
    results.insert(results.end(), more.begin(), more.end());
    return results;
  }

  EgruEngine engine() const { return tacet_host::egru_engine(call_); }

 private:
  size_t states() const { return count_ * c_.batch * c_.units; }
  size_t all() const { return c_.steps * states(); }

  Results forward() {
    Rows y(Floats(all(), NAN), c_, 7), trace(Floats(states(), NAN), c_, 7);
    Floats last_y(states(), NAN), last_h(states(), NAN);
    std::vector<int32_t> counts(count_ * c_.units, 5);
    const tacet::EgruOutputsView outputs{y.data(),      trace.data(), last_y.data(), last_h.data(),
                                         counts.data(), y.stride(),   trace.stride()};
    size_t bytes = 0;
    tacet_host::egru_forward_bytes(call_, outputs, &bytes);
    Scratch scratch(bytes);
    tacet_host::egru_forward(call_, outputs, scratch.workspace(), nullptr);
    CHECK(y.kept(7) && trace.kept(7));
    return {y.own(), trace.own(), last_y, last_h, Floats(counts.begin(), counts.end()), h_};
  }

  Results backward() {
    const size_t units = count_ * c_.units;
    Floats currents(3 * all(), NAN), recurrent(3 * units * c_.units, 1), input_bias(3 * units, 1);
    Floats recurrent_bias(3 * units, 1), thresholds(units, 1), y0(states(), NAN), h0(states(), NAN);
    const tacet::EgruErrorsView errors{
        error_y_.data(),      error_trace_.data(), error_last_y_.data(), error_last_h_.data(),
        rate_.data(),         error_y_.stride(),   error_trace_.stride()};
    const tacet::EgruGradientsView gradients{
        currents.data(),       recurrent.data(),  input_bias.data(), recurrent_bias.data(),
        thresholds.data(),     y0.data(),         h0.data()};
    size_t bytes = 0;
    tacet_host::egru_backward_bytes(call_, gradients, &bytes);
    Scratch scratch(bytes);
    tacet_host::egru_backward(call_, errors, gradients, scratch.workspace(), nullptr);
    Floats errors_of_product = currents;
    Floats sent((c_.variant == EgruVariant::kPaper ? 3 : 1) * all(), NAN);
    tacet_host::egru_factors(call_, errors_of_product.data(), sent.data(), nullptr);
    return {currents, recurrent, input_bias, recurrent_bias, thresholds,
            y0,       h0,        sent,       errors_of_product};
  }

  EgruCase c_;
  size_t count_;
  Floats recurrent_, input_bias_, recurrent_bias_, thresholds_, currents_, y0_, h0_;
  std::vector<int32_t> lengths_;
  std::vector<uint32_t> seeds_;
  Rows error_y_, error_trace_;
  Floats error_last_y_, error_last_h_, rate_;
  Floats h_;
  Gates z_, r_, g_, q_;
  std::vector<uint32_t> events_;
  tacet::EgruCall call_{};
};

/** Bit for bit, so that nothing that was not written is the same. */
bool same(const Floats& a, const Floats& b) {
  return a == b && std::none_of(a.begin(), a.end(), [](float x) { return std::isnan(x); });
}

/** Checks that each of three is what it is alone; returns what all are together. */
Results compare_replicas(const EgruCase& c, EgruEngine engine) {
  std::vector<std::unique_ptr<Problem>> owned;
  Problems problems;
  for (int replica = 0; replica < kReplicas; replica++) {
    owned.push_back(std::make_unique<Problem>(c, 31 + replica));
    problems.push_back(owned.back().get());
  }
  const Results together = Layers(problems, engine).run();
  Results alone(together.size());
  for (const Problem* p : problems) {
    const Results one = Layers({p}, engine).run();
    for (size_t k = 0; k < one.size(); k++) {
      append(&alone[k], one[k]);
    }
  }
  for (size_t k = 0; k < alone.size(); k++) {
    if (!same(together[k], alone[k])) {
      std::printf("  %s, engine %d: array %zu differs\n", c.name.c_str(), static_cast<int>(engine),
                  k);
      CHECK(false);
    }
  }
  return together;
}

/** A case in which lengths, seeds and directions matter. */
EgruCase full(const std::string& name, EgruVariant variant) {
  EgruCase c;
  c.name = name;
  c.variant = variant;
  c.zoneout = c.training = c.lengths = c.reversed = true;
  return c;
}

TEST_CASE("layers are bit for bit those of each alone under every schedule") {
  for (EgruVariant variant : kVariants) {
    EgruCase c = full("schedules", variant);
    c.steps = 2;
    std::vector<Results> results;
    under_every_schedule([&] {
      c.units = 37;
      results.push_back(compare_replicas(c, EgruEngine::kEvent));
      results.push_back(compare_replicas(c, EgruEngine::kDense));
      c.units = 11;
      results.push_back(compare_replicas(c, EgruEngine::kPersistent));
    });
    for (size_t k = 3; k < results.size(); k++) {
      CHECK(results[k] == results[k % 3]);
    }
  }
}

TEST_CASE("layers are those of each alone with every kind of tape and of sequence") {
  for (EgruVariant variant : kVariants) {
    for (EgruEngine engine : {EgruEngine::kEvent, EgruEngine::kDense, EgruEngine::kPersistent}) {
      EgruCase c;
      c.name = "plain sequences";
      c.variant = variant;
      c.units = 11;
      compare_replicas(c, engine);
      c = full("a tape without q", variant);
      c.units = 12;
      c.product = false;
      compare_replicas(c, engine);
      c = full("a compact tape", variant);
      c.units = 12;
      c.compact = true;
      compare_replicas(c, engine);
      c.name = "no initial state, without events";
      c.initial = c.events = false;
      compare_replicas(c, engine);
    }
  }
}

TEST_CASE("batches of groups, and of samples each alone") {
  for (int batch : {1, 9, 34}) {
    for (EgruEngine engine : {EgruEngine::kEvent, EgruEngine::kDense}) {
      EgruCase c = full("batch " + std::to_string(batch), kVariants[batch % 2]);
      c.batch = batch;
      c.steps = 2;
      c.units = 20;
      compare_replicas(c, engine);
    }
  }
}

TEST_CASE("a gradient in parts, and products that are computed again piece by piece") {
  // 520 pairs of step and sample are two parts; 1024 rows are computed again at once.
  EgruCase c = full("parts", EgruVariant::kCellResetAfter);
  c.product = false;
  c.units = 3;
  c.steps = 210;
  c.batch = 5;
  compare_replicas(c, EgruEngine::kDense);
  compare_replicas(c, EgruEngine::kEvent);
}

TEST_CASE("teams of replicas share the chip, or take turns") {
  for (EgruClusters clusters : {EgruClusters::kOn, EgruClusters::kOff}) {
    for (int batch : {2, 19}) {
      // With 40 units a replica takes so many blocks that not all run at the same time.
      for (int units : {6, 40}) {
        EgruCase c = full(std::to_string(units) + " units, batch " + std::to_string(batch),
                          kVariants[batch % 2]);
        c.clusters = clusters;
        c.batch = batch;
        c.units = units;
        c.steps = 3;
        c.launch_steps = 2;
        compare_replicas(c, EgruEngine::kPersistent);
      }
    }
  }
}

TEST_CASE("layers whose factors are bfloat16 are those of each alone") {
  for (tacet::Factors factors : {tacet::Factors::kBfloat16x3, tacet::Factors::kBfloat16}) {
    for (EgruClusters clusters : {EgruClusters::kOn, EgruClusters::kOff}) {
      EgruCase c = full("bfloat16", EgruVariant::kCellResetAfter);
      c.factors = factors;
      c.clusters = clusters;
      c.batch = 9;
      // Three blocks each.
      c.units = 37;
      c.steps = 3;
      c.launch_steps = 2;
      compare_replicas(c, EgruEngine::kPersistent);
      if (clusters == EgruClusters::kOn) {
        compare_replicas(c, EgruEngine::kDense);
      }
    }
  }
}

TEST_CASE("a layer with its seed in an array is what it is with its seed") {
  for (EgruEngine engine : {EgruEngine::kEvent, EgruEngine::kDense, EgruEngine::kPersistent}) {
    EgruCase c = full("seeds", EgruVariant::kCellResetAfter);
    c.units = 11;
    const Problem problem(c, 5);
    const Results given = Layers({&problem}, engine).run();
    const Results read = Layers({&problem}, engine).with_seeds().run();
    for (size_t k = 0; k < given.size(); k++) {
      CHECK(same(given[k], read[k]));
    }
  }
}

TEST_CASE("the engine of several is that of one") {
  for (int batch : {4, 64}) {
    EgruCase c;
    c.units = 64;
    c.batch = batch;
    c.steps = 10;
    const Problem problem(c, 5);
    const EgruEngine expected = batch == 4 ? EgruEngine::kPersistent : EgruEngine::kDense;
    CHECK(Layers({&problem}, EgruEngine::kAuto).engine() == expected);
    CHECK(Layers({&problem, &problem, &problem}, EgruEngine::kAuto).engine() == expected);
  }
}

}  // namespace

int main() { return run_all(); }
