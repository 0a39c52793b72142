// The operations whose traffic is counted, a function per family of cuda/.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tacet_pattern.h"
#include "traffic/counter.h"

namespace tacet::traffic {

/** An operation that was run, and the least it has to move. */
struct Counted {
  std::string name;
  /** Every byte of input that is needed, once, and every byte of output, once. */
  int64_t floor;
  Traffic traffic;
};

/** Runs operations in a context of host execution. */
class Recorder {
 public:
  Recorder();
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  tacet_context* context() const { return context_; }

  /** Runs a call of the C ABI without counting. */
  static void run(int status);

  /** Runs calls of the C ABI and counts. */
  void count(const std::string& name, double floor, const std::function<void()>& calls);

  const std::vector<Counted>& counted() const { return counted_; }

 private:
  tacet_context* context_ = nullptr;
  std::vector<Counted> counted_;
};

/** The same numbers on every machine. */
class Random {
 public:
  /** Uniform in [0, 1). */
  float operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<float>(state_ >> 40) * 0x1p-24f;
  }

  /** Uniform in [low, high). */
  std::vector<float> uniform(size_t count, float low, float high) {
    std::vector<float> values(count);
    for (float& v : values) {
      v = low + (high - low) * (*this)();
    }
    return values;
  }

 private:
  uint64_t state_ = 1;
};

/** Scratch memory of a size that a function of the C ABI has written. */
struct Scratch {
  void* memory;
  int64_t bytes;

  explicit Scratch(int64_t size) : memory(allocate(static_cast<size_t>(size))), bytes(size) {}
};

/** A pattern on the device, with 16-bit indices: every source has fan_out targets, spread evenly. */
inline tacet_pattern even_pattern(int units, int fan_out) {
  std::vector<int32_t> offsets(units + 1);
  std::vector<uint16_t> indices;
  const int apart = units / fan_out;
  for (int j = 0; j < units; j++) {
    for (int k = 0; k < fan_out; k++) {
      indices.push_back(static_cast<uint16_t>(k * apart + j % apart));
    }
    offsets[j + 1] = static_cast<int32_t>(indices.size());
  }
  return {device(offsets), device(indices), 2, static_cast<int64_t>(indices.size()), units, units};
}

void count_propagation(Recorder& recorder);
void count_eventprop(Recorder& recorder);
void count_egru(Recorder& recorder);
void count_dense(Recorder& recorder);
void count_rewiring(Recorder& recorder);
void count_elimination(Recorder& recorder);

}  // namespace tacet::traffic
