// What a thread of the backward pass on tensor cores has of a step: the tape, the adjoints that stay with
// a unit and a sample, and sums over the steps for gradients of biases and thresholds.
#pragma once

#include "egru/adjoint.cuh"
#include "egru/fragment_step.cuh"

namespace TACET_NS {

/**
 * What the forward pass and the loss left for a step, which a thread asks for before it waits for the
 * others, and the adjoint of its state; in shared memory, to take no registers meanwhile.
 */
class TapeAhead {
 public:
  static constexpr int kRows = 11;

  /** @param rows [kRows][kPersistentThreads] in shared memory */
  __device__ __forceinline__ explicit TapeAhead(float (*rows)[kPersistentThreads]) : rows_(rows) {}

  /**
   * @param knows whether the thread had the step after, so that it has the state after this one and its
   *     adjoint
   */
  __device__ __forceinline__ void ask(const BackwardArguments& a, int t, const FragmentOwned& own,
                                      bool knows) {
    if (own.real && t >= 0) {
      const EgruCall& call = a.call;
      const int thread = thread_again();
      const size_t at = element(call, t, own.n, own.i);
      const size_t of_sample = row_of(call, t, own.n);
      if (!knows) {
        copy(state_row(t), thread, call.tape.h + at);
        if (t < steps_of(call, own.n) - 1) {
          rows_[kAdjoint][thread] = a.dh[static_cast<size_t>(own.n) * call.layer.units + own.i];
        }
      }
      rows_[kTrace][thread] = trace_error(a, t, own.n, own.i);
      rows_[kTaken][thread] = taken(call, t, own.n, own.i);
      if (t > 0) {
        copy(state_row(t - 1), thread, call.tape.h + element(call, t - 1, own.n, own.i));
      } else {
        rows_[state_row(t - 1)][thread] = initial_h(call, own.n, own.i);
      }
      copy_gate(call, kZ, thread, call.tape.z, at);
      copy_gate(call, kR, thread, call.tape.r, at);
      copy_gate(call, kG, thread, call.tape.g, at);
      if (a.again == nullptr) {
        copy_gate(call, kQ, thread, call.tape.q, at);
      } else {
        copy(kQ, thread, a.again + again_element(a, t, own.n, own.i));
      }
      if (a.errors.y != nullptr) {
        copy(kError, thread, a.errors.y + of_sample * a.errors.y_stride + own.i);
      }
      if (call.layer.events) {
        const uint32_t* const word = call.tape.events + of_sample * event_words(call) + own.i / 32;
        copy(kEvents, thread, reinterpret_cast<const float*>(word));
      }
    }
    copies_.commit();
  }

  __device__ __forceinline__ AdjointInputs take(const BackwardArguments& a, int t, int i) {
    copies_.wait<0>();
    const int thread = thread_again();
    const bool event =
        a.call.layer.events && (__float_as_uint(rows_[kEvents][thread]) >> (i % 32) & 1u) != 0;
    return {rows_[state_row(t)][thread],
            rows_[state_row(t - 1)][thread],
            rows_[kZ][thread],
            rows_[kR][thread],
            rows_[kG][thread],
            rows_[kQ][thread] + (a.again == nullptr ? 0.0f : candidate_bias(a.call, i)),
            (a.errors.y == nullptr ? 0.0f : rows_[kError][thread]) + rows_[kTrace][thread],
            rows_[kTaken][thread],
            event};
  }

  /** The adjoint of the state after the step that was asked for; not there at a sample's last step. */
  __device__ __forceinline__ float adjoint() const { return rows_[kAdjoint][thread_again()]; }

  __device__ __forceinline__ void keep(float dh) { rows_[kAdjoint][thread_again()] = dh; }

 private:
  /** The first two are states after steps of either parity. */
  enum Row { kZ = 2, kR, kG, kQ, kError, kTrace, kTaken, kEvents, kAdjoint };
  static_assert(kAdjoint + 1 == kRows, "a row to each");

  static __device__ __forceinline__ int state_row(int t) { return t & 1; }

  __device__ __forceinline__ void copy(int row, int thread, const float* from) {
    copies_.one(&rows_[row][thread], from, 0, 1);
  }

  /** A copy has four bytes at least. */
  __device__ __forceinline__ void copy_gate(const EgruCall& call, int row, int thread, const void* gate,
                                            size_t at) {
    if (call.tape.compact) {
      rows_[row][thread] = load_gate(call, gate, at);
    } else {
      copy(row, thread, static_cast<const float*>(gate) + at);
    }
  }

  float (*rows_)[kPersistentThreads];
  AsyncCopies<2, kRows> copies_;
};

/** What gradients of biases and thresholds are sums of, of a unit and sample over the steps. */
struct StepSums {
  /** Adjoints of the currents, of the candidate's recurrent product, and of the threshold. */
  GateErrors currents{};
  float product = 0.0f;
  float threshold = 0.0f;

  __device__ __forceinline__ void add(const UnitAdjoint& step) {
    currents.z += step.currents.z;
    currents.r += step.currents.r;
    currents.g += step.currents.g;
    product += step.product;
    threshold += step.threshold;
  }

  /** @param at the unit in a row of kStepSums units */
  __device__ __forceinline__ void load(const float* at, int units) {
    currents = {at[0], at[units], at[2 * units]};
    product = at[3 * units];
    threshold = at[4 * units];
  }

  __device__ __forceinline__ void store(float* at, int units) const {
    at[0] = currents.z;
    at[units] = currents.r;
    at[2 * units] = currents.g;
    at[3 * units] = product;
    at[4 * units] = threshold;
  }
};

}  // namespace TACET_NS
