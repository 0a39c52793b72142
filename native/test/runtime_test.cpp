// What of the CUDA runtime can be decided without a GPU: which errors stay, which addresses are refused,
// what is asked again after a reset, and what is counted.
#include <stdexcept>
#include <string>
#include <vector>

#include "addresses.h"
#include "ceilings/ceilings.h"
#include "check.h"
#include "common/counts.h"
#include "common/cuda_codes.h"
#include "common/kernel_facts.h"
#include "driver_problem.h"
#include "host/emulator.h"

namespace {

void errors_that_stay_are_known_by_their_codes() {
  for (int code : {214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911}) {
    CHECK(tacet::is_sticky(code));
  }
  // invalid value, out of memory, a launch without resources, peer access, too many blocks, captures
  for (int code : {0, 1, 2, 98, 209, 701, 703, 704, 708, 711, 712, 713, 720, 800, 900, 901, 906, 912}) {
    CHECK(!tacet::is_sticky(code));
  }
}

void a_launch_is_tried_again_where_attributes_may_be_gone() {
  for (int code : {1, 720, 912}) {
    CHECK(tacet::may_lack_attributes(code));
  }
  for (int code : {0, 2, 98, 700, 701, 719, 900}) {
    CHECK(!tacet::may_lack_attributes(code));
  }
}

void facts_are_asked_once_until_they_are_forgotten() {
  tacet::KernelFacts facts;
  const int kernel = 0;
  int asked = 0;
  const auto ask = [&] { return ++asked; };
  CHECK(facts.answer({&kernel, 0, 1, 2, 3}, ask) == 1);
  CHECK(facts.answer({&kernel, 0, 1, 2, 3}, ask) == 1);
  CHECK(facts.answer({&kernel, 1, 1, 2, 3}, ask) == 2);
  CHECK(facts.answer({&kernel, 0, 1, 2, 4}, ask) == 3);
  facts.forget();
  CHECK(facts.answer({&kernel, 0, 1, 2, 3}, ask) == 4);
}

void an_answer_that_failed_is_asked_again() {
  tacet::KernelFacts facts;
  bool failed = false;
  try {
    facts.answer({nullptr, 0, 0, 0, 0}, []() -> int { throw std::runtime_error("no"); });
  } catch (const std::runtime_error&) {
    failed = true;
  }
  CHECK(failed);
  CHECK(facts.answer({nullptr, 0, 0, 0, 0}, [] { return 7; }) == 7);
}

void addresses_of_other_memory_are_told_apart() {
  using tacet::MemoryType;
  const auto address = reinterpret_cast<const void*>(0xabc0);
  CHECK(tacet::address_problem(address, MemoryType::kDevice, 1, 1).empty());
  CHECK(tacet::address_problem(address, MemoryType::kManaged, 0, 1).empty());
  CHECK(tacet::address_problem(address, MemoryType::kDevice, 0, 1) ==
        "address: expected memory of GPU 1 or managed memory, got 0xabc0, in memory of GPU 0");
  CHECK(tacet::address_problem(address, MemoryType::kHost, 1, 1) ==
        "address: expected memory of GPU 1 or managed memory, got 0xabc0, in page-locked memory of "
        "the host");
  CHECK(tacet::address_problem(address, MemoryType::kUnregistered, 0, 1) ==
        "address: expected memory of GPU 1 or managed memory, got 0xabc0, which CUDA does not know: "
        "memory of the host, or freed");
}

void what_is_wrong_with_a_driver_comes_with_a_remedy() {
  using tacet::driver_problem;
  using tacet::test::contains;
  CHECK(contains(driver_problem(35, 0, 13000), "no NVIDIA driver is installed"));
  CHECK(driver_problem(35, 11040, 13000) ==
        "the NVIDIA driver is for CUDA 11.4 and this library needs CUDA 13.0 or newer: install a newer "
        "NVIDIA driver");
  CHECK(contains(driver_problem(100, 12080, 13000), "(CUDA 12.8) reports no GPU"));
  CHECK(contains(driver_problem(0, 13000, 13000), "CUDA_VISIBLE_DEVICES"));
  CHECK(contains(driver_problem(2, 13000, 13000), "out of memory at its start: close other"));
  CHECK(contains(driver_problem(34, 0, 13000), "stub"));
  CHECK(contains(driver_problem(719, 13000, 13000), "an error that stays: see nvidia-smi"));
  CHECK(contains(driver_problem(803, 13000, 13000), "restart the machine"));
  CHECK(contains(driver_problem(804, 13000, 13000), "compatibility package"));
  CHECK(contains(driver_problem(999, 13000, 13000), "does not start: see nvidia-smi"));
}

void every_launch_is_counted() {
  std::vector<float> values(1000);
  const int64_t before = tacet::counts.launches;
  tacet_host::ceiling_fill(values.data(), 1000, 1, nullptr);
  tacet_host::ceiling_fill(values.data(), 1000, 2, nullptr);
  CHECK(tacet::counts.launches - before == 2);
}

}  // namespace

int main() {
  errors_that_stay_are_known_by_their_codes();
  a_launch_is_tried_again_where_attributes_may_be_gone();
  facts_are_asked_once_until_they_are_forgotten();
  an_answer_that_failed_is_asked_again();
  addresses_of_other_memory_are_told_apart();
  what_is_wrong_with_a_driver_comes_with_a_remedy();
  every_launch_is_counted();
  return tacet::test::failures() == 0 ? 0 : 1;
}
