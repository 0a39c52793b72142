// Event-gated recurrent units with dense weights against the oracle, for every engine.
#include "egru_oracle.h"

namespace {

using namespace tacet::test;
using tacet::emulator::Schedule;

std::vector<EgruCase> cases(EgruVariant variant) {
  std::vector<EgruCase> all;
  const auto add = [&](const char* name, auto&& change) {
    EgruCase c;
    c.name = name;
    c.variant = variant;
    change(c);
    all.push_back(c);
  };
  add("odd sizes", [](EgruCase&) {});
  add("one sample, one step", [](EgruCase& c) { c.batch = c.steps = 1; });
  add("one unit", [](EgruCase& c) { c.units = 1; });
  add("aligned rows", [](EgruCase& c) { c.units = 132; c.batch = 2; c.steps = 2; });
  add("more samples than a group", [](EgruCase& c) { c.batch = 11; c.steps = 2; });
  add("zoneout in training", [](EgruCase& c) { c.zoneout = c.training = true; });
  add("zoneout in evaluation", [](EgruCase& c) { c.zoneout = true; });
  add("lengths", [](EgruCase& c) { c.lengths = true; c.batch = 5; });
  add("backward in time", [](EgruCase& c) { c.reversed = c.lengths = true; c.batch = 5; });
  add("no initial state", [](EgruCase& c) { c.initial = false; });
  add("compact tape", [](EgruCase& c) { c.compact = true; });
  add("a tape without q", [](EgruCase& c) { c.product = false; c.lengths = true; c.batch = 5; });
  add("a compact tape without q, backward in time", [](EgruCase& c) {
    c.product = false;
    c.compact = c.reversed = c.lengths = true;
  });
  add("silent", [](EgruCase& c) { c.threshold = 3; });
  add("all active", [](EgruCase& c) { c.threshold = -8; });
  add("without events", [](EgruCase& c) { c.events = false; c.lengths = true; });
  return all;
}

}  // namespace

/** Fewer units: every block on the chip is a thread of the operating system with 512 stacks. */
EgruCase narrow(EgruCase c) {
  c.units = std::min(c.units, 11);
  return c;
}

constexpr EgruVariant kVariants[] = {EgruVariant::kCellResetAfter, EgruVariant::kPaper};

/** How the engine on the chip runs a case. */
void plan(const EgruCase& c, tacet::EgruPassPlan* forward, tacet::EgruPassPlan* backward) {
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

tacet::EgruPassPlan forward_plan(const EgruCase& c) {
  tacet::EgruPassPlan forward;
  tacet::EgruPassPlan backward;
  plan(c, &forward, &backward);
  return forward;
}

/** Checks that both passes of a case are on the chip in the shape that it forces. */
void check_shape(const EgruCase& c) {
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
    EgruCase c;
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
  for (const EgruCase& c : cases(EgruVariant::kCellResetAfter)) {
    compare_all(c, {EgruEngine::kEvent, EgruEngine::kDense});
    compare_all(narrow(c), {EgruEngine::kPersistent});
  }
}

TEST_CASE("the variant of the paper is the oracle in every case") {
  for (const EgruCase& c : cases(EgruVariant::kPaper)) {
    compare_all(c, {EgruEngine::kEvent, EgruEngine::kDense});
    compare_all(narrow(c), {EgruEngine::kPersistent});
  }
}

TEST_CASE("teams on the chip take turns at more groups than there are teams") {
  // Three groups of samples: for two clusters of eight blocks, and for two teams of eight blocks.
  int number = 0;
  for (EgruVariant variant : kVariants) {
    for (EgruClusters clusters : kShapes) {
      EgruCase c;
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
    EgruCase c;
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
  EgruCase c;
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
      EgruCase c;
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
  EgruCase c;
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
      EgruCase c;
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
  EgruCase c;
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
  EgruCase c;
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
  EgruCase c;
  c.clusters = EgruClusters::kOn;
  CHECK(tacet::test::contains(tacet::test::error_of([&] { forward_plan(c); }),
                              "set tacet.egru.clusters to auto or off"));
  c.clusters = EgruClusters::kAuto;
  CHECK(forward_plan(c).engine == EgruEngine::kPersistent && !forward_plan(c).clusters);
}

/** Compares under every schedule, with the same bits under all. */
void compare_schedules(const EgruCase& c, EgruEngine engine) {
  std::vector<Floats> results;
  tacet::test::under_every_schedule([&] { results.push_back(compare_all(c, {engine})); });
  for (const Floats& result : results) {
    CHECK(result == results[0]);
  }
}

TEST_CASE("the gradient of R goes over more pairs than are staged at once, and over parts") {
  // Pairs of step and sample: 72 are two times of staging, 520 are two parts.
  for (EgruVariant variant : {EgruVariant::kCellResetAfter, EgruVariant::kPaper}) {
    EgruCase c;
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
  EgruCase c;
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
  EgruCase c;
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
  EgruCase c;
  c.name = "activity";
  c.steps = 2;
  c.batch = 40;
  c.units = 12;
  for (float activity : {0.0f, 1.0f}) {
    compare_all(c, {EgruEngine::kAuto}, activity);
  }
}

int main() { return tacet::test::run_all(); }
