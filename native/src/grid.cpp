#include "eventprop/grid.h"

#include "dispatch.h"
#include "tacet_grid.h"

namespace {

/** Reads the fields of a call one after the other, in the order of tacet_grid_call. */
class Fields {
 public:
  explicit Fields(const tacet_value* values) : next_(values) {}

  operator int() { return static_cast<int>(*next_++); }
  operator int64_t() { return *next_++; }
  operator size_t() { return static_cast<size_t>(*next_++); }

  template <typename T>
  operator T*() {
    return reinterpret_cast<T*>(*next_++);
  }

  tacet::GridRows rows() { return {*this, *this, *this, *this, *this, *this, *this, *this}; }
  tacet::GridParameter parameter() { return {*this, *this}; }

  tacet::GridEvents inputs() {
    tacet::GridEvents events{};
    events.capacity = *this;
    events.counts = *this;
    events.times = *this;
    events.units = *this;
    events.errors = *this;
    return events;
  }

  tacet::GridEvents outputs() { return {*this, *this, *this, *this, *this, *this, *this}; }

  tacet::GridGradients gradients() {
    return {*this, *this, *this, *this, *this, *this, *this, *this, *this};
  }

 private:
  const tacet_value* next_;
};

tacet::GridCall read(const tacet_value* values, double dt) {
  Fields fields(values);
  tacet::GridCall call{};
  call.dt = dt;
  call.neurons = fields;
  call.batch = fields;
  call.steps = fields;
  call.slots = fields;
  call.tiles = fields;
  call.input = fields.rows();
  call.recurrent = fields.rows();
  call.tau_mem = fields.parameter();
  call.tau_syn = fields.parameter();
  call.threshold = fields.parameter();
  call.reset = fields.parameter();
  call.bias = fields.parameter();
  call.in = fields.inputs();
  call.out = fields.outputs();
  call.kick = fields;
  call.gradients = fields.gradients();
  call.scratch = fields;
  call.scratch_bytes = fields;
  return call;
}

}  // namespace

int tacet_grid_scratch(tacet_context* context, const tacet_value* call, int backward,
                       tacet_value* bytes) {
  const auto measure = [&](auto&& scratch) {
    *bytes = static_cast<tacet_value>(scratch(read(call, 1), backward != 0));
  };
  return tacet::dispatch(
      __func__, context, [&] { measure(tacet_host::grid_scratch); },
      [&] {
#if TACET_WITH_CUDA
        measure(tacet_cuda::grid_scratch);
#endif
      });
}

int tacet_grid_forward(tacet_context* context, const tacet_value* call, double dt, void* stream) {
  return TACET_DISPATCH(context, grid_forward, read(call, dt), stream);
}

int tacet_grid_backward(tacet_context* context, const tacet_value* call, double dt, void* stream) {
  return TACET_DISPATCH(context, grid_backward, read(call, dt), stream);
}

int tacet_grid_longest_delay(tacet_context* context, const float* delays, int64_t count, double dt,
                             int32_t* steps, void* stream) {
  return TACET_DISPATCH(context, grid_longest_delay, delays, count, dt, steps, stream);
}
