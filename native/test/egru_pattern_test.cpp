// Event-gated recurrent units with recurrent weights on sparse patterns against the oracle, in which
// weights without a synapse are 0.
#include <algorithm>

#include "egru_oracle.h"
#include "sparse/active_rows.h"

namespace {

using namespace tacet::test;
using tacet::emulator::Schedule;

constexpr EgruVariant kVariants[] = {EgruVariant::kCellResetAfter, EgruVariant::kPaper};
constexpr Storage kStorages[] = {Storage::kSharedPattern, Storage::kOwnPatterns};
/** EVENT adds the rows of active units, DENSE multiplies by target. */
const std::vector<EgruEngine> kEngines = {EgruEngine::kEvent, EgruEngine::kDense};

std::vector<EgruCase> pattern_cases() {
  std::vector<EgruCase> all;
  const auto add = [&](const char* name, auto&& change) {
    EgruCase c;
    c.name = name;
    change(c);
    all.push_back(c);
  };
  add("odd sizes", [](EgruCase& c) { c.slack = 5; });
  add("16-bit indices", [](EgruCase& c) { c.narrow = true; c.slack = 3; });
  add("one sample, one step", [](EgruCase& c) { c.batch = c.steps = 1; });
  add("one unit", [](EgruCase& c) { c.units = 1; });
  add("no synapses but those of a row", [](EgruCase& c) { c.density = 0; });
  add("all synapses but those of a row", [](EgruCase& c) { c.density = 2; });
  add("two samples", [](EgruCase& c) { c.batch = 2; });
  add("a full group", [](EgruCase& c) { c.batch = 8; c.steps = 2; c.narrow = true; });
  add("more samples than a group", [](EgruCase& c) { c.batch = 17; c.steps = 2; });
  add("zoneout in training", [](EgruCase& c) { c.zoneout = c.training = true; });
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

TEST_CASE("weights on a pattern are the oracle under every schedule, with the same bits under all") {
  for (EgruVariant variant : kVariants) {
    for (Storage storage : kStorages) {
      EgruCase c;
      c.name = "schedules";
      c.variant = variant;
      c.storage = storage;
      c.lengths = c.zoneout = c.training = c.reversed = true;
      c.steps = c.batch = 2;
      c.product = storage == Storage::kOwnPatterns;
      std::vector<Floats> results;
      under_every_schedule([&] { results.push_back(compare_all(c, kEngines)); });
      for (const Floats& result : results) {
        CHECK(result == results[0]);
      }
    }
  }
}

TEST_CASE("a pattern that gates share is the oracle in every case") {
  for (EgruVariant variant : kVariants) {
    for (EgruCase c : pattern_cases()) {
      c.variant = variant;
      c.storage = Storage::kSharedPattern;
      compare_all(c, kEngines);
    }
  }
}

TEST_CASE("patterns of each gate's own are the oracle in every case") {
  for (EgruVariant variant : kVariants) {
    for (EgruCase c : pattern_cases()) {
      c.variant = variant;
      c.storage = Storage::kOwnPatterns;
      compare_all(c, kEngines);
    }
  }
}

/** Of a pattern by its extents alone. */
tacet::PatternView extents(int sources, int targets, int64_t places) {
  static const int32_t offsets[1] = {};
  return {offsets, nullptr, places, sources, targets, false};
}

TEST_CASE("tiles hold their share of a row and leave room for the warps") {
  // 5 % of 2048 units: 102 synapses a row, 32 in 640 targets.
  tacet::ActiveShape shape = tacet::active_shape(extents(2048, 2048, 2048 * 102), 3);
  CHECK(shape.width == 704 && shape.tiles == 3 && shape.warps == 5);
  // As few as they are, rows of an enormous layer are divided: shared memory holds no more.
  shape = tacet::active_shape(extents(1 << 20, 1 << 20, 100 << 20), 3);
  CHECK(shape.width == 1024 && shape.tiles == 1024 && shape.warps == 4);
  // A pattern without any synapse.
  shape = tacet::active_shape(extents(1, 1, 0), 1);
  CHECK(shape.width == 64 && shape.tiles == 1 && shape.warps == 8);
}

TEST_CASE("rows in several tiles, events in several parts and lists are the oracle") {
  // Full rows: 64 targets to a tile, 8 parts. Gates of their own meet within a tile.
  int number = 0;
  for (EgruVariant variant : kVariants) {
    for (Storage storage : kStorages) {
      EgruCase c;
      c.name = "tiles";
      c.variant = variant;
      c.storage = storage;
      c.units = 150;
      c.steps = 2;
      c.batch = 2;
      c.density = 0.5;
      c.narrow = number % 2 == 0;
      constexpr Schedule kSchedules[] = {Schedule::kForward, Schedule::kReverse, Schedule::kRandom};
      tacet::emulator::Options options;
      options.schedule = kSchedules[number++ % 3];
      options.seed = 5;
      const tacet::emulator::OptionsScope scope(options);
      compare_all(c, kEngines);
    }
  }
}

TEST_CASE("the gradient goes over more pairs than a ballot and more synapses than a warp owns") {
  EgruCase c;
  c.name = "many pairs";
  c.storage = Storage::kSharedPattern;
  c.steps = 4;
  c.units = 140;
  c.batch = 10;
  c.density = 2;
  c.lengths = true;
  compare_all(c, {EgruEngine::kDense});
}

TEST_CASE("the gradient goes over more pairs than are packed together") {
  // 1120 of them; 1024 are packed together.
  for (EgruVariant variant : kVariants) {
    EgruCase c;
    c.name = "packed pairs";
    c.variant = variant;
    c.storage = variant == EgruVariant::kPaper ? Storage::kOwnPatterns : Storage::kSharedPattern;
    c.steps = 70;
    c.units = 5;
    c.batch = 16;
    c.density = 0.6;
    compare_all(c, {EgruEngine::kEvent});
  }
}

TEST_CASE("the engine is chosen by activity, batch and pattern") {
  const auto engine = [](int batch, double activity, bool events = true,
                         EgruEngine wanted = EgruEngine::kAuto, int units = 2048) {
    tacet::EgruCall call{};
    call.layer.units = units;
    call.layer.events = events;
    call.layer.engine = wanted;
    call.layer.pattern = extents(units, units, int64_t{102} * units);
    call.sequence.batch = batch;
    call.sequence.steps = 10;
    call.sequence.activity = static_cast<float>(activity);
    tacet::EgruPassPlan forward;
    tacet::EgruPassPlan backward;
    tacet_host::egru_plan(call, &forward, &backward);
    CHECK(backward.engine == EgruEngine::kEvent);
    return forward.engine;
  };
  CHECK(engine(1, -1) == EgruEngine::kEvent);
  CHECK(engine(4, -1) == EgruEngine::kEvent);
  CHECK(engine(8, -1) == EgruEngine::kDense);
  CHECK(engine(8, 0.1) == EgruEngine::kEvent);
  CHECK(engine(64, 0.1) == EgruEngine::kEvent);
  CHECK(engine(64, 0.2) == EgruEngine::kDense);
  CHECK(engine(1, 0.1, false) == EgruEngine::kDense);
  CHECK(engine(64, 0.2, true, EgruEngine::kEvent) == EgruEngine::kEvent);
  // Rows of few synapses in each of many tiles cost more than they hold.
  CHECK(engine(1, 0.1, true, EgruEngine::kAuto, 1 << 16) == EgruEngine::kDense);
  CHECK(engine(1, 0.01, true, EgruEngine::kAuto, 1 << 16) == EgruEngine::kEvent);
}

TEST_CASE("results do not depend on what is said about the activity") {
  EgruCase c;
  c.name = "activity";
  c.storage = Storage::kSharedPattern;
  c.steps = 2;
  c.batch = 12;
  c.units = 12;
  for (float activity : {0.0f, 1.0f}) {
    compare_all(c, {EgruEngine::kAuto}, activity);
  }
}

}  // namespace

int main() { return run_all(); }
