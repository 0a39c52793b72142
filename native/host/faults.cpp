#include "host/faults.h"

#include <array>
#include <string>

#include "common/error.h"

namespace tacet::emulator {

namespace {

/** Operations of each kind until the one that fails; 0 or less: none. */
std::array<std::atomic<int64_t>, kFaults> remaining{};

const char* name(Fault kind) {
  switch (kind) {
    case Fault::kLaunch:
      return "launch";
    case Fault::kFill:
      return "fill";
    case Fault::kAllocation:
      return "allocation";
    case Fault::kCopyFromHost:
      return "copy from the host";
    case Fault::kCopyToHost:
      return "copy to the host";
    case Fault::kPin:
      return "pinning of memory";
    case Fault::kCreation:
      return "creation";
    default:
      return "wait";
  }
}

}  // namespace

std::atomic<int64_t> open_resources{0};

void let_fail(Fault kind, int64_t number) { remaining[static_cast<size_t>(kind)] = number; }

void may_fail(Fault kind) {
  auto& left = remaining[static_cast<size_t>(kind)];
  // Mostly nothing is to fail, and nothing is written that threads share.
  if (left.load(std::memory_order_relaxed) > 0 && left.fetch_sub(1) == 1) {
    throw Error(kind == Fault::kAllocation ? Status::kOutOfMemory : Status::kCuda,
                std::string("a test lets this ") + name(kind) + " fail");
  }
}

}  // namespace tacet::emulator
