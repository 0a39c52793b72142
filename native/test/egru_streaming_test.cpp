// Event-gated units whose steps by events are one launch, against the oracle and the engine that launches
// each step.
#include "egru_oracle.h"

#include <numeric>

#include "common/counts.h"

namespace {

using namespace tacet::test;
using tacet::EgruStepwise;
using tacet::EgruStreaming;
using tacet::Factors;

/** Enough to pay for packing in all cases of four steps. */
constexpr float kAllActive = 1;

EgruCase streamed(const std::string& name, int units, int batch, int steps) {
  EgruCase c;
  c.name = name;
  c.units = units;
  c.batch = batch;
  c.steps = steps;
  c.streaming = EgruStreaming::kOn;
  return c;
}

/** A case whose weights are bfloat16, in the oracle too. */
EgruCase with_bfloat16(EgruCase c) {
  c.factors = c.product_factors = Factors::kBfloat16;
  c.weights_only = true;
  c.name += ", bf16";
  return c;
}

tacet::EgruPassPlan forward_plan(const EgruCase& c, float activity = kAllActive,
                                 EgruEngine engine = EgruEngine::kEvent) {
  return plan_of(c, engine, activity).forward;
}

/** Compares a case that has to be one launch. */
Floats compare(const Solved& solved) {
  const EgruCase& c = solved.problem->c;
  const tacet::EgruPassPlan plan = forward_plan(c);
  CHECK(plan.engine == EgruEngine::kEvent && plan.stepwise == EgruStepwise::kNone);
  CHECK(plan.teams == 1 && plan.blocks > 0 && !plan.clusters);
  CHECK(plan.factors == c.factors);
  return solved.compare(EgruEngine::kEvent, kAllActive);
}

std::vector<EgruCase> examples() {
  std::vector<EgruCase> all;
  const auto add = [&](const char* name, auto&& change) {
    EgruCase c = streamed(name, 37, 3, 4);
    change(c);
    all.push_back(c);
  };
  add("packed rows", [](EgruCase&) {});
  add("rows where they are", [](EgruCase& c) { c.units = 36; });
  add("one unit", [](EgruCase& c) { c.units = 1; });
  add("zoneout in training", [](EgruCase& c) { c.zoneout = c.training = true; });
  add("zoneout in evaluation", [](EgruCase& c) { c.zoneout = true; });
  add("lengths", [](EgruCase& c) { c.lengths = true; c.batch = 5; });
  add("backward in time", [](EgruCase& c) { c.reversed = c.lengths = true; c.batch = 5; });
  add("no initial state", [](EgruCase& c) { c.initial = false; });
  add("compact tape", [](EgruCase& c) { c.compact = true; });
  add("a tape without q", [](EgruCase& c) { c.product = false; c.lengths = true; });
  add("silent", [](EgruCase& c) { c.threshold = 3; });
  add("all active", [](EgruCase& c) { c.threshold = -8; c.batch = 8; });
  return all;
}

/** A layer of many units, of which only the rows of some have weights; forward without a tape. */
struct Large {
  int units;
  int batch;
  int steps;
  Floats recurrent, zeros, thresholds, currents, y0, h0;
  Floats last_y, last_h;
  int64_t launches = 0;
  int64_t fills = 0;

  Large(int h, int n, int t, const std::vector<int>& senders)
      : units(h),
        batch(n),
        steps(t),
        recurrent(static_cast<size_t>(3) * h * h),
        zeros(3 * h),
        thresholds(h, 0.9f),
        currents(static_cast<size_t>(3) * t * n * h),
        y0(n * h),
        h0(n * h, 0.5f) {
    Random random{7};
    for (size_t k = 0; k < senders.size(); k++) {
      y0[(k % n) * h + senders[k]] = static_cast<float>(1 + random());
      thresholds[senders[k]] = 0.1f;
      for (int column = 0; column < 3 * h; column++) {
        recurrent[static_cast<size_t>(senders[k]) * 3 * h + column] =
            static_cast<float>(0.1 * random());
      }
    }
  }

  /** @param in_place whether the last state replaces the initial one */
  void run(EgruStreaming streaming, int launch_steps = 1 << 30, bool in_place = false) {
    tacet::EgruCall call{};
    call.layer.recurrent = recurrent.data();
    call.layer.input_bias = zeros.data();
    call.layer.recurrent_bias = zeros.data();
    call.layer.thresholds = thresholds.data();
    call.layer.units = units;
    call.layer.events = true;
    call.layer.engine = EgruEngine::kEvent;
    call.layer.trace_decay = 0.9f;
    call.layer.launch_steps = launch_steps;
    call.layer.streaming = streaming;
    last_y = y0;
    last_h = h0;
    call.sequence.currents = currents.data();
    call.sequence.y = in_place ? last_y.data() : y0.data();
    call.sequence.h = in_place ? last_h.data() : h0.data();
    call.sequence.steps = steps;
    call.sequence.batch = batch;
    call.sequence.activity = 0.1f;
    tacet::EgruOutputsView outputs{};
    outputs.last_y = last_y.data();
    outputs.last_h = last_h.data();
    size_t bytes = 0;
    tacet_host::egru_forward_bytes(call, outputs, &bytes);
    Scratch scratch(bytes);
    const int64_t launched = tacet::counts.launches;
    const int64_t filled = tacet::counts.fills;
    tacet_host::egru_forward(call, outputs, scratch.workspace(), nullptr);
    launches = tacet::counts.launches - launched;
    fills = tacet::counts.fills - filled;
  }

  Floats results() const {
    Floats all = last_y;
    append(&all, last_h);
    return all;
  }
};

bool close(const Floats& a, const Floats& b) {
  return near("result", a, Doubles(b.begin(), b.end()), 1e-5);
}

}  // namespace

TEST_CASE("every case is the oracle, in float32 and with weights of bfloat16") {
  int number = 0;
  for (const EgruCase& c : examples()) {
    const tacet::emulator::OptionsScope scope(scheduled(number++));
    compare(Solved(c));
    if (c.product) {  // the backward pass computes it again with weights of float32
      compare(Solved(with_bfloat16(c)));
    }
  }
}

TEST_CASE("every schedule gives the same bits") {
  for (bool rounded : {false, true}) {
    EgruCase c = streamed("schedules", 44, 5, 4);
    c.lengths = c.zoneout = c.training = c.reversed = true;
    const Solved solved(rounded ? with_bfloat16(c) : c);
    std::vector<Floats> results;
    tacet::test::under_every_schedule([&] { results.push_back(compare(solved)); });
    for (const Floats& result : results) {
      CHECK(result == results[0]);
    }
  }
}

TEST_CASE("units and samples of every number fill blocks and groups") {
  // One block, blocks of which the last has fewer units, more blocks than there is work for.
  int number = 0;
  for (int units : {8, 33, 100, 164}) {
    for (int blocks : {1, 3, 16}) {
      EgruCase c = streamed("", units, 1 + number % 8, 4);
      c.name = std::to_string(units) + " units, batch " + std::to_string(c.batch);
      tacet::emulator::Options options = scheduled(number);
      options.cooperative_blocks = blocks;
      const tacet::emulator::OptionsScope scope(options);
      const int each = ((units + blocks - 1) / blocks + 7) / 8 * 8;
      CHECK(forward_plan(c).blocks == (units + each - 1) / each);
      compare(Solved(number % 2 == 0 ? c : with_bfloat16(c)));
      number++;
    }
  }
}

TEST_CASE("batches of every size fill their group, and items their warps") {
  for (int batch = 1; batch <= 8; batch++) {
    // One block of 96 units: three items a sample, so up to two a warp.
    EgruCase c = streamed("batch " + std::to_string(batch), batch % 2 == 0 ? 96 : 93, batch, 4);
    c.lengths = batch % 3 == 0;
    tacet::emulator::Options options = scheduled(batch);
    options.cooperative_blocks = 1;
    const tacet::emulator::OptionsScope scope(options);
    compare(Solved(c));
    compare(Solved(with_bfloat16(c)));
  }
}

TEST_CASE("more rows than there are values for at once are added part by part") {
  // 1,024 rows of eight samples.
  std::vector<int> senders(1036);
  std::iota(senders.begin(), senders.end(), 0);
  Large layer(1036, 8, 2, senders);
  layer.run(EgruStreaming::kOff);
  const Floats expected = layer.results();
  layer.run(EgruStreaming::kAuto);
  CHECK(close(layer.results(), expected));
}

TEST_CASE("where a launch ends changes no result") {
  EgruCase c = streamed("launches", 36, 5, 7);
  c.lengths = c.zoneout = c.training = c.reversed = true;
  const Solved solved(c);
  const Floats whole = compare(solved);
  for (int steps : {1, 3}) {
    solved.problem->c.launch_steps = steps;
    CHECK(compare(solved) == whole);
  }
}

TEST_CASE("a layer of more units than a list has is that of launches for each step") {
  const std::vector<int> senders{0, 31, 32, 700, 4095, 4096, 4097, 4103};
  for (int batch : {1, 2}) {
    Large layer(4104, batch, 2, senders);
    layer.run(EgruStreaming::kOff);
    const Floats expected = layer.results();
    CHECK(layer.launches == 1 + 2 * 2);
    layer.run(EgruStreaming::kAuto);
    CHECK(close(layer.results(), expected));
  }
}

TEST_CASE("all steps are one launch, and a single one is a launch and nothing else") {
  Large layer(1024, 2, 5, {3, 64, 900});
  layer.run(EgruStreaming::kAuto);
  CHECK(layer.launches == 1 && layer.fills == 1);
  layer.run(EgruStreaming::kOff);
  CHECK(layer.launches == 1 + 2 * 5 && layer.fills == 0);
  Large step(1024, 2, 1, {3, 64, 900});
  step.run(EgruStreaming::kAuto);
  CHECK(step.launches == 1 && step.fills == 0);
  step.run(EgruStreaming::kOff);
  CHECK(step.launches == 3 && step.fills == 0);
}

TEST_CASE("the last state may replace the initial one") {
  for (int steps : {1, 3}) {
    Large layer(1024, 3, steps, {0, 5, 31, 32, 63, 64, 512, 1000, 1023});
    layer.run(EgruStreaming::kAuto);
    const Floats expected = layer.results();
    CHECK(expected[0] != layer.y0[0]);
    tacet::test::under_every_schedule([&] {
      for (int launch_steps : {1, 1 << 30}) {
        layer.run(EgruStreaming::kAuto, launch_steps, true);
        CHECK(layer.results() == expected);
      }
    });
  }
}

TEST_CASE("a step is that of the sequence") {
  Large sequence(1024, 3, 3, {0, 5, 31, 32, 63, 64, 512, 1000, 1023});
  sequence.run(EgruStreaming::kAuto);
  Large step(1024, 3, 1, {0, 5, 31, 32, 63, 64, 512, 1000, 1023});
  for (int t = 0; t < 3; t++) {
    step.run(EgruStreaming::kAuto);
    step.y0 = step.last_y;
    step.h0 = step.last_h;
  }
  CHECK(step.results() == sequence.results());
}

TEST_CASE("the engine is chosen by shape, and says why not") {
  const EgruCase c = streamed("", 2048, 4, 10);
  const auto reason = [&](auto&& change, float activity = -1, EgruEngine engine = EgruEngine::kEvent) {
    EgruCase changed = c;
    changed.streaming = EgruStreaming::kAuto;
    change(changed);
    const tacet::EgruPassPlan plan = forward_plan(changed, activity, engine);
    CHECK((plan.blocks > 0) == (plan.stepwise == EgruStepwise::kNone));
    return plan.stepwise;
  };
  CHECK(reason([](EgruCase&) {}) == EgruStepwise::kNone);
  CHECK(reason([](EgruCase&) {}, -1, EgruEngine::kAuto) == EgruStepwise::kNone);
  CHECK(reason([](EgruCase& e) { e.steps = 1; }) == EgruStepwise::kNone);
  CHECK(reason([](EgruCase& e) { e.streaming = EgruStreaming::kOff; }) == EgruStepwise::kSwitchedOff);
  CHECK(reason([](EgruCase& e) { e.variant = EgruVariant::kPaper; }) == EgruStepwise::kVariant);
  CHECK(reason([](EgruCase& e) { e.events = false; }) == EgruStepwise::kWithoutEvents);
  CHECK(reason([](EgruCase& e) { e.batch = 9; }) == EgruStepwise::kBatch);
  CHECK(reason([](EgruCase& e) { e.units = 1020; }) == EgruStepwise::kFewUnits);
  CHECK(reason([](EgruCase& e) { e.units = 2049; }) == EgruStepwise::kNone);
  CHECK(reason([](EgruCase& e) { e.units = 2049; e.steps = 3; }) == EgruStepwise::kRows);
  CHECK(reason([](EgruCase& e) { e.units = 16 * 684; }) == EgruStepwise::kManyUnits);
  // Another engine has no reason to give.
  CHECK(forward_plan(c, -1, EgruEngine::kDense).stepwise == EgruStepwise::kNone);
  // Weights are packed in bfloat16 where enough of them is read.
  EgruCase rounded = c;
  rounded.factors = Factors::kBfloat16;
  CHECK(forward_plan(rounded, 0.2f).factors == Factors::kBfloat16);
  CHECK(forward_plan(rounded, 0.01f).factors == Factors::kFloat32);
  rounded.factors = Factors::kBfloat16x3;
  CHECK(forward_plan(rounded, 0.2f).factors == Factors::kFloat32);
}

int main() { return tacet::test::run_all(); }
