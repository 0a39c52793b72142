// Failures that a test asks for: the n-th allocation, copy, fill or launch of host execution is refused,
// as a device can refuse any of them. Also counts what is open, to find what a failure leaves behind.
#pragma once

#include <atomic>
#include <cstdint>

namespace tacet::emulator {

/** Kinds of operations that can fail; the order is that of tacet_counter and tacet_fault in tacet.h. */
enum class Fault { kLaunch, kFill, kAllocation, kCopyFromHost, kCopyToHost, kWait, kPin, kCreation };

constexpr int kFaults = 8;

/** Blocks of memory, locks, streams, events and graphs of this process that are not closed yet. */
extern std::atomic<int64_t> open_resources;

/** Lets the number-th operation of a kind from now on fail, once; -1: none. */
void let_fail(Fault kind, int64_t number);

/** To be called before an operation. Throws tacet::Error if it is to fail. */
void may_fail(Fault kind);

}  // namespace tacet::emulator
