// Event-gated recurrent units whose recurrent products are on tensor cores, against the oracle with the
// same factors.
#include "egru_oracle.h"

namespace {

using namespace tacet::test;
using tacet::Factors;

constexpr Factors kAll[] = {Factors::kBfloat16x3, Factors::kBfloat16};

/** A case whose oracle multiplies the same factors. */
EgruCase with_factors(EgruCase c, Factors factors) {
  c.factors = c.product_factors = c.adjoint_factors = factors;
  return c;
}

/** What both passes have in common, if they are divided alike. */
tacet::EgruPassPlan pass_plan(const EgruCase& c, EgruEngine engine = EgruEngine::kPersistent) {
  const Plan plan = plan_of(c, engine);
  CHECK(plan.backward.engine == plan.forward.engine);
  CHECK(plan.backward.factors == plan.forward.factors);
  CHECK(plan.backward.teams == plan.forward.teams);
  CHECK(plan.backward.blocks == plan.forward.blocks);
  return plan.forward;
}

/** Compares a case that has to be on tensor cores. */
Floats compare(const EgruCase& c) {
  const tacet::EgruPassPlan plan = pass_plan(c);
  CHECK(plan.engine == EgruEngine::kPersistent && plan.factors == c.factors);
  CHECK(plan.blocks == (c.units + 15) / 16);
  return Solved(c).compare(EgruEngine::kPersistent);
}

std::vector<EgruCase> examples() {
  std::vector<EgruCase> all;
  const auto add = [&](const char* name, auto&& change) {
    EgruCase c;
    c.name = name;
    change(c);
    all.push_back(c);
  };
  add("odd sizes", [](EgruCase&) {});
  add("one sample, one step", [](EgruCase& c) { c.batch = c.steps = 1; });
  add("one unit", [](EgruCase& c) { c.units = 1; });
  add("more samples than a group", [](EgruCase& c) { c.batch = 11; c.steps = 2; });
  add("zoneout in training", [](EgruCase& c) { c.zoneout = c.training = true; });
  add("zoneout in evaluation", [](EgruCase& c) { c.zoneout = true; });
  add("lengths", [](EgruCase& c) { c.lengths = true; c.batch = 5; });
  add("backward in time", [](EgruCase& c) { c.reversed = c.lengths = true; c.batch = 5; });
  add("no initial state", [](EgruCase& c) { c.initial = false; });
  add("compact tape", [](EgruCase& c) { c.compact = true; });
  add("q computed again", [](EgruCase& c) { c.product = false; c.lengths = true; });
  add("silent", [](EgruCase& c) { c.threshold = 3; });
  add("all active", [](EgruCase& c) { c.threshold = -8; });
  add("without events", [](EgruCase& c) { c.events = false; c.lengths = true; });
  return all;
}

}  // namespace

TEST_CASE("the engine is chosen by factors, variant and shape, and says which factors it has") {
  EgruCase c;
  c.batch = 4;
  c.steps = 10;
  c.units = 64;
  for (Factors factors : kAll) {
    c.factors = factors;
    CHECK(pass_plan(c, EgruEngine::kAuto).factors == factors);
    CHECK(pass_plan(c, EgruEngine::kAuto).engine == EgruEngine::kPersistent);
    CHECK(pass_plan(c, EgruEngine::kEvent).engine == EgruEngine::kEvent);
    CHECK(pass_plan(c, EgruEngine::kEvent).factors == Factors::kFloat32);
    EgruCase paper = c;
    paper.variant = EgruVariant::kPaper;
    CHECK(pass_plan(paper).engine == EgruEngine::kPersistent);
    CHECK(pass_plan(paper).factors == Factors::kFloat32);
    tacet::emulator::Options options;
    options.architecture = 75;
    const tacet::emulator::OptionsScope scope(options);
    CHECK(pass_plan(c).engine == EgruEngine::kPersistent);
    CHECK(pass_plan(c).factors == Factors::kFloat32);
  }
  c.factors = Factors::kFloat32;
  CHECK(pass_plan(c).factors == Factors::kFloat32);
  // As many samples as teams have at once: 32 each.
  tacet::emulator::Options options;
  options.cooperative_blocks = 128;
  const tacet::emulator::OptionsScope scope(options);
  c.factors = Factors::kBfloat16x3;
  c.units = 1024;
  c.batch = 64;
  CHECK(pass_plan(c, EgruEngine::kAuto).factors == c.factors);
  CHECK(pass_plan(c, EgruEngine::kAuto).teams == 2);
  CHECK(pass_plan(c, EgruEngine::kAuto).blocks == 64);
  c.batch = 65;
  CHECK(pass_plan(c, EgruEngine::kAuto).engine == EgruEngine::kDense);
  CHECK(pass_plan(c, EgruEngine::kAuto).factors == c.factors);
  CHECK(pass_plan(c).factors == c.factors);
  c.units = 1025;
  CHECK(plan_of(c).forward.factors == Factors::kFloat32);
  CHECK(plan_of(c).backward.factors == Factors::kFloat32);
  c.factors = Factors::kBfloat16;
  c.units = 2048;
  CHECK(pass_plan(c).factors == c.factors);
  CHECK(pass_plan(c).blocks == 128);
  c.units = 2049;
  CHECK(plan_of(c).forward.engine == EgruEngine::kDense);
  CHECK(plan_of(c).forward.factors == c.factors);
  CHECK(plan_of(c).backward.factors == c.factors);
  // Groups of eight samples are rows of a grid, of which there are at most 65535.
  c.units = 16;
  c.batch = 8 * 65535;
  CHECK(pass_plan(c).factors == c.factors);
  c.batch++;
  CHECK(pass_plan(c).factors == Factors::kFloat32);
}

TEST_CASE("steps of the engine DENSE have the factors too") {
  for (Factors factors : kAll) {
    EgruCase c;
    c.name = "DENSE";
    c.lengths = true;
    c = with_factors(c, factors);
    CHECK(pass_plan(c, EgruEngine::kDense).factors == factors);
    Solved(c).compare(EgruEngine::kDense);
    c.name = "DENSE of the paper's variant";
    c.variant = EgruVariant::kPaper;
    Solved(c).compare(EgruEngine::kDense);
    c.lengths = false;
    c.name = "DENSE of more samples than a tile has";
    c.batch = 70;
    c.steps = 2;
    for (EgruVariant variant : {EgruVariant::kPaper, EgruVariant::kCellResetAfter}) {
      c.variant = variant;
      Solved(c).compare(EgruEngine::kDense);
    }
  }
}

TEST_CASE("every case is the oracle with the same factors") {
  int number = 0;
  for (EgruCase c : examples()) {
    c.clusters = kShapes[number / 2 % 2];
    const tacet::emulator::OptionsScope scope(scheduled(number));
    compare(with_factors(c, kAll[number++ % 2]));
  }
}

TEST_CASE("every schedule gives the same bits") {
  for (Factors factors : kAll) {
    EgruCase c;
    c.name = "schedules";
    c.lengths = c.zoneout = c.training = c.reversed = true;
    c.steps = 3;
    c.batch = 10;
    c.clusters = kShapes[factors == Factors::kBfloat16];
    std::vector<Floats> results;
    tacet::test::under_every_schedule([&] { results.push_back(compare(with_factors(c, factors))); });
    for (const Floats& result : results) {
      CHECK(result == results[0]);
    }
  }
}

TEST_CASE("units and samples of every number fill their tiles and groups") {
  int number = 0;
  for (int units : {17, 48, 127, 160}) {
    for (int batch : {1 + number % 4, 12 + number % 6}) {
      EgruCase c;
      c.name = std::to_string(units) + " units, batch " + std::to_string(batch);
      c.units = units;
      c.batch = batch;
      c.steps = 1 + number % 2;
      c.lengths = batch % 3 == 0;
      c.clusters = kShapes[number % 2];
      const tacet::emulator::OptionsScope scope(scheduled(number));
      compare(with_factors(c, kAll[number++ % 2]));
    }
  }
}

TEST_CASE("where a launch ends changes no result") {
  for (Factors factors : kAll) {
    EgruCase c;
    c.name = "launches";
    c.steps = 7;
    c.batch = 5;
    c.units = 20;
    c.lengths = c.zoneout = c.training = c.reversed = true;
    const Solved solved(with_factors(c, factors));
    const Floats whole = solved.compare(EgruEngine::kPersistent);
    for (int steps : {1, 3}) {
      solved.problem->c.launch_steps = steps;
      CHECK(solved.compare(EgruEngine::kPersistent) == whole);
    }
  }
}

TEST_CASE("teams take turns at more groups than they have room for") {
  // Two teams of seven blocks and nine groups; on sm_86 three groups at once, else four.
  for (int architecture : {86, 90}) {
    EgruCase c;
    c.name = "passes";
    c.units = 100;
    c.batch = 70;
    c.steps = 2;
    c.clusters = EgruClusters::kOff;
    tacet::emulator::Options options = scheduled(architecture);
    options.architecture = architecture;
    const tacet::emulator::OptionsScope scope(options);
    CHECK(pass_plan(with_factors(c, Factors::kBfloat16x3)).teams == 2);
    compare(with_factors(c, Factors::kBfloat16x3));
  }
}

TEST_CASE("results are within the bounds of the factors from the oracle without them") {
  // The sum of a term's errors is below its bound, 2^-15 and 2^-7, times that of |y R|, which is below 20.
  for (Factors factors : kAll) {
    EgruCase c;
    c.name = "bounds";
    c.steps = 1;
    c.units = 64;
    c.events = false;
    const Problem exact(c, 3);
    const Oracle oracle(exact);
    double most = 0;
    double magnitude = 0;
    EgruCase rounded_case = with_factors(c, factors);
    const Problem problem(rounded_case, 3);
    const Oracle rounded(problem);
    for (int b = 0; b < c.batch; b++) {
      for (int i = 0; i < c.units; i++) {
        double sum = 0;
        for (int j = 0; j < c.units; j++) {
          sum += std::fabs(oracle.y_before(0, b, j) * oracle.weight(j, 2, i));
        }
        magnitude = std::max(magnitude, sum);
        const size_t k = static_cast<size_t>(b) * c.units + i;
        most = std::max(most, std::fabs(rounded.q[k] - oracle.q[k]) / sum);
      }
    }
    CHECK(magnitude < 20);
    CHECK(most > 0 && most < (factors == Factors::kBfloat16x3 ? 0x1p-15 : 0x1p-7));
  }
}

TEST_CASE("warps with several tiles add them, from registers and from shared memory") {
  // Of 16 warps each with up to 2, 4 and 8 tiles; those of 780 and 1,060 units keep some in shared
  // memory, which that of 780 uses.
  const auto check = [](int units, Factors factors, int number) {
    EgruCase c;
    c.name = std::to_string(units) + " units";
    c.units = units;
    c.batch = 1;
    c.steps = 1;
    c.clusters = EgruClusters::kOff;
    tacet::emulator::Options options = scheduled(number);
    options.cooperative_blocks = 70;
    options.patience = std::chrono::milliseconds(60000);
    const tacet::emulator::OptionsScope scope(options);
    compare(with_factors(c, factors));
  };
  check(290, Factors::kBfloat16x3, 0);
  check(290, Factors::kBfloat16, 1);
  check(780, Factors::kBfloat16x3, 2);
  check(530, Factors::kBfloat16, 0);
  check(1060, Factors::kBfloat16, 1);
}

TEST_CASE("the gradient of R goes over more pairs than are multiplied at once, or is by events") {
#if defined(__SANITIZE_ADDRESS__)
  const Factors some[] = {Factors::kBfloat16x3};  // it takes a minute
#else
  const auto& some = kAll;
#endif
  for (Factors factors : some) {
    EgruCase c;
    c.name = "many pairs";
    c.units = 3;
    c.batch = 3;
    c.steps = 1400;
    c.factors = factors;
    const Solved solved(c);
    const Floats product = solved.compare(EgruEngine::kEvent);
    EgruCase exact = c;
    exact.factors = Factors::kFloat32;
    const Floats events = Solved(exact).compare(EgruEngine::kEvent);
    CHECK(product != events);
    // Few units are expected to be active: the same sums as without tensor cores.
    CHECK(solved.compare(EgruEngine::kEvent, 0.005f) == events);
  }
}

int main() { return tacet::test::run_all(); }
