// What the C functions of event propagation refuse: counts that kernels cannot hold in 32 bits. No
// memory of such a size is needed, since the functions that say how much a pass needs refuse them.
#include <cstdint>
#include <limits>
#include <string>

#include "check.h"
#include "tacet_eventprop.h"
#include "tacet_grid.h"

namespace {

constexpr int64_t kMost = std::numeric_limits<int32_t>::max();

struct Context {
  tacet_value value = 0;

  Context() { CHECK(tacet_context_create(TACET_HOST, 0, &value) == TACET_OK); }
  ~Context() { tacet_context_destroy(reinterpret_cast<tacet_context*>(value)); }
};

tacet_context* context() {
  static const Context instance;
  return reinterpret_cast<tacet_context*>(instance.value);
}

/** Structures whose addresses are never followed. */
struct Problem {
  float number = 1;
  int32_t count = 1;
  tacet_synapses input{&number, &count, &count, nullptr, 10, 100, 4, 0, 100, 1, 0};
  tacet_synapses recurrent{&number, &count, &count, nullptr, 100, 100, 4, 0, 100, 1, 0};
  tacet_lif lif{&number, &number, &number, &number, &number, 1, 1, 1, 1, 1};
  tacet_events in{&count, &number, &count, nullptr, &number, nullptr, 1, 1000};
  tacet_events out{&count, &number, &count, &number, &number, &count, 1, 1000};
  tacet_gradients gradients{};
  tacet_grid grid{1000, 1, 0, 1000, 10000, 4096};
  tacet_value bytes = 0;
};

bool refused(int status, const std::string& part) {
  return status == TACET_INVALID_ARGUMENT && tacet::test::contains(tacet_last_error(), part);
}

int forward(Problem& p, bool recurrent) {
  return tacet_exact_forward_bytes(context(), &p.input, recurrent ? &p.recurrent : nullptr,
                                   &p.lif, &p.in, &p.out, 16, 1, &p.bytes);
}

int backward(Problem& p, bool recurrent) {
  p.gradients.input_weights = &p.number;
  p.gradients.tau_mem = &p.number;
  return tacet_exact_backward_bytes(context(), &p.input, recurrent ? &p.recurrent : nullptr,
                                    &p.lif, &p.in, &p.out, &p.gradients, 1, &p.bytes);
}

int grid(Problem& p) {
  return tacet_grid_bytes(context(), &p.input, &p.recurrent, &p.lif, &p.grid, &p.in, &p.out,
                          nullptr, &p.bytes);
}

}  // namespace

TEST_CASE("queued arrivals of a sample that an int cannot count are refused") {
  Problem p;
  p.in.capacity = kMost / p.input.longest;
  CHECK(forward(p, true) == TACET_OK && p.bytes > 8 * p.in.capacity * p.input.longest);
  p.in.capacity++;
  CHECK(refused(forward(p, true), "at most 2147483647 synaptic events per sample, got 2147483700"));
}

TEST_CASE("arrivals that are not queued may be any number") {
  Problem p;
  p.in.capacity = kMost / p.input.longest + 1;
  CHECK(forward(p, false) == TACET_OK);
  // Dense rows without synaptic delays are read where they are.
  p.input.offsets = nullptr;
  p.input.indices = nullptr;
  CHECK(forward(p, true) == TACET_OK);
}

TEST_CASE("an adjoint counts input arrivals, recurrent ones and spikes together") {
  Problem p;
  p.in.capacity = kMost / p.input.longest - 2000;
  CHECK(backward(p, true) == TACET_OK);
  p.out.capacity = 2100;
  CHECK(refused(backward(p, true), "synaptic events per sample, got 21474"));
  CHECK(backward(p, false) == TACET_OK);
}

TEST_CASE("a least slope that is negative or not finite is refused") {
  Problem p;
  tacet_variant variant{};
  variant.leaky = 1;
  float workspace = 0;
  for (const double wrong : {-1e-3, std::numeric_limits<double>::quiet_NaN(), 1e39}) {
    const std::string part = "least_slope: expected a number from 0 on";
    CHECK(refused(tacet_exact_backward(context(), &p.input, nullptr, &p.lif, 10, &p.in, &p.out,
                                       &p.gradients, nullptr, wrong, &workspace,
                                       sizeof workspace, nullptr),
                  part));
    CHECK(refused(tacet_variant_backward(context(), &p.input, nullptr, &p.lif, &variant, 10, &p.in,
                                         &p.out, &p.gradients, nullptr, nullptr, wrong,
                                         &workspace, sizeof workspace, nullptr),
                  part));
    CHECK(refused(tacet_grid_backward(context(), &p.input, nullptr, &p.lif, &p.grid, 0.1, &p.in,
                                      &p.out, &p.gradients, nullptr, wrong, &workspace,
                                      sizeof workspace, nullptr),
                  part));
  }
}

TEST_CASE("a capacity that cannot be rounded up to a power of two is refused") {
  Problem p;
  p.in.capacity = int64_t{1} << 30;
  CHECK(forward(p, false) == TACET_OK);
  p.in.capacity++;
  CHECK(refused(forward(p, false), "capacity: expected 1 to 1073741824, got 1073741825"));
}

TEST_CASE("samples and neurons that cannot be rounded up to whole blocks are refused") {
  Problem p;
  p.in.batch = (int64_t{1} << 30) + 1;
  CHECK(refused(forward(p, false), "batch: expected 1 to 1073741824, got 1073741825"));
  Problem q;
  q.input.targets = kMost;
  CHECK(refused(forward(q, false), "targets: expected 1 to 1073741824, got 2147483647"));
}

TEST_CASE("states of neurons that an int cannot count are refused") {
  Problem p;
  p.input.targets = p.recurrent.sources = p.recurrent.targets = 214748364;
  CHECK(forward(p, true) == TACET_OK);
  p.input.targets = p.recurrent.sources = p.recurrent.targets = 214748365;
  CHECK(refused(forward(p, true), "neurons: expected at most 214748364"));
}

TEST_CASE("a grid has at most 2^24 steps, and launches and rings of at least one") {
  const auto refuses = [](int64_t tacet_grid::* member, int64_t value, const char* message) {
    Problem p;
    CHECK(grid(p) == TACET_OK);
    p.grid.*member = value;
    CHECK(refused(grid(p), message));
  };
  refuses(&tacet_grid::steps, (1 << 24) + 1, "steps: expected 1 to 16777216, got 16777217");
  refuses(&tacet_grid::slots, 1002, "slots: expected 1 to 1001, got 1002");
  refuses(&tacet_grid::launch_steps, 0, "launch_steps: expected 1 to 2147483647, got 0");
  refuses(&tacet_grid::recurrent_synapses, kMost,
          "recurrent_synapses: expected 0 to 2147483583, got 2147483647");
}

TEST_CASE("a grid counts its delays in steps in its workspace") {
  Problem p;
  CHECK(grid(p) == TACET_OK);
  const tacet_value without = p.bytes;
  p.recurrent.delays = &p.number;
  p.recurrent.delay_kind = TACET_DELAY_PER_SYNAPSE;
  CHECK(grid(p) == TACET_OK && p.bytes >= without + 4 * p.grid.recurrent_synapses);
}

int main() { return tacet::test::run_all(); }
