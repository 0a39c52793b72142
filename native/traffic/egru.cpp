// Event-gated recurrent units, by each engine.
#include <cmath>

#include "tacet_dense.h"
#include "tacet_egru.h"
#include "traffic/operations.h"

namespace tacet::traffic {

namespace {

constexpr int kSteps = 8;
constexpr int kUnits = 128;
constexpr int kBatch = 4;

/** Units of a replica that have sent something before the last step. */
double heard_units(const float* y) {
  double heard = 0;
  for (int i = 0; i < kUnits; i++) {
    bool any = false;
    for (size_t row = 0; row < size_t{kSteps - 1} * kBatch; row++) {
      any = any || y[row * kUnits + i] != 0;
    }
    heard += any;
  }
  return heard;
}

/**
 * A sequence with the tape of training, and the gradients of all parameters.
 *
 * @param fan_out targets of a unit in a pattern that the gates share; as many as units for dense
 *     weights
 */
void count_engine(Recorder& recorder, const std::string& what, tacet_egru_engine_kind engine,
                  int fan_out = kUnits, int replicas = 1, int factors = TACET_FLOAT32) {
  const bool dense = fan_out == kUnits;
  const size_t units = size_t(replicas) * kUnits;
  const size_t states = kSteps * kBatch * units;
  const size_t words = states / 32;
  const size_t weights = 3 * units * fan_out;
  tacet_context* context = recorder.context();
  Recorder::run(tacet_set_factors(context, factors));
  Random random;
  tacet_egru_layer layer{};
  const float bound = 1.5f / std::sqrt(static_cast<float>(fan_out));
  layer.recurrent = device(random.uniform(weights, -bound, bound));
  if (!dense) {
    layer.pattern = even_pattern(kUnits, fan_out);
  }
  layer.input_bias = device(random.uniform(3 * units, -0.3f, 0.3f));
  layer.recurrent_bias = device(random.uniform(3 * units, -0.3f, 0.3f));
  layer.thresholds = device(random.uniform(units, 0.3f, 0.5f));
  layer.units = kUnits;
  layer.events = 1;
  layer.engine = engine;
  layer.gamma = 0.3;
  layer.sharpness = 1;
  layer.trace_decay = 0.9;
  layer.launch_steps = 4096;
  layer.replicas = replicas;
  tacet_egru_sequence sequence{};
  sequence.currents = device(random.uniform(3 * states, -1, 1));
  sequence.steps = kSteps;
  sequence.batch = kBatch;
  sequence.training = 1;
  sequence.activity = std::nan("");
  tacet_egru_outputs outputs{};
  outputs.y = device<float>(states);
  outputs.y_stride = kUnits;
  tacet_egru_tape tape{};
  tape.h = device<float>(states);
  tape.z = device<float>(states);
  tape.r = device<float>(states);
  tape.g = device<float>(states);
  tape.q = device<float>(states);
  tape.events = device<uint32_t>(words);
  tacet_value bytes = 0;
  Recorder::run(tacet_egru_forward_bytes(context, &layer, &sequence, &outputs, &bytes));
  const Scratch forward(bytes);
  const auto pass = [&] {
    Recorder::run(tacet_egru_forward(context, &layer, &sequence, &outputs, &tape, forward.memory,
                                     forward.bytes, nullptr));
  };
  pass();
  // Rows of units that are heard, parameters, three currents; y, five of the tape, an event bit.
  const double of_tape = 36.0 * states + 4.0 * words;
  const double index = dense ? 0 : 2;
  double heard = 0;
  for (int replica = 0; replica < replicas; replica++) {
    heard += (12 + index) * fan_out * heard_units(outputs.y + replica * (states / replicas));
  }
  recorder.count("EGRU forward, " + what, heard + 4.0 * 7 * units + of_tape, pass);

  tacet_egru_errors errors{};
  errors.y = device(random.uniform(states, -1, 1));
  errors.y_stride = kUnits;
  tacet_egru_gradients gradients{};
  gradients.currents = device<float>(3 * states);
  gradients.recurrent = device(std::vector<float>(weights));
  gradients.input_bias = device(std::vector<float>(3 * units));
  gradients.recurrent_bias = device(std::vector<float>(3 * units));
  gradients.thresholds = device(std::vector<float>(units));
  Recorder::run(
      tacet_egru_backward_bytes(context, &layer, &sequence, &tape, &gradients, &bytes));
  const Scratch backward(bytes);
  // Weights, the tape and errors of y; errors of currents, and gradients, which are added to.
  const double parameters = 4.0 * (static_cast<double>(weights) + 7 * units);
  const double indices = index * units * fan_out;
  recorder.count("EGRU backward, " + what, 3 * parameters + indices + of_tape, [&] {
    Recorder::run(tacet_egru_backward(context, &layer, &sequence, &tape, &errors, &gradients,
                                      backward.memory, backward.bytes, nullptr));
  });
  Recorder::run(tacet_set_factors(context, TACET_FLOAT32));
}

/** Units of a layer that no chip holds. */
constexpr size_t kLarge = 2048;

/** Forward passes by events of such a layer, without a tape. */
void count_large(Recorder& recorder, const float* recurrent, const std::string& what, int batch, int steps,
                 tacet_egru_streaming streaming, int factors = TACET_FLOAT32) {
  const size_t states = static_cast<size_t>(batch) * kLarge;
  tacet_context* context = recorder.context();
  Recorder::run(tacet_set_factors(context, factors));
  Random random;
  tacet_egru_layer layer{};
  layer.recurrent = recurrent;
  layer.input_bias = device(std::vector<float>(3 * kLarge));
  layer.recurrent_bias = device(std::vector<float>(3 * kLarge));
  layer.thresholds = device(random.uniform(kLarge, 0.4f, 0.6f));
  layer.units = kLarge;
  layer.events = 1;
  layer.engine = TACET_EGRU_EVENT;
  layer.launch_steps = 4096;
  layer.replicas = 1;
  layer.streaming = streaming;
  std::vector<float> first = random.uniform(states, 0, 10);
  for (float& y : first) {
    y = y < 1 ? y + 0.5f : 0;
  }
  tacet_egru_sequence sequence{};
  sequence.currents = device(random.uniform(3 * steps * states, -1, 1));
  sequence.y = device(first);
  sequence.h = device(random.uniform(states, -0.5f, 0.5f));
  sequence.steps = steps;
  sequence.batch = batch;
  // Of one sample with bfloat16, enough to pack the weights.
  sequence.activity = factors == TACET_BF16 ? 0.5 : std::nan("");
  tacet_egru_outputs outputs{};
  outputs.y = device<float>(steps * states);
  outputs.y_stride = kLarge;
  outputs.last_y = device<float>(states);
  outputs.last_h = device<float>(states);
  tacet_value bytes = 0;
  Recorder::run(tacet_egru_forward_bytes(context, &layer, &sequence, &outputs, &bytes));
  const Scratch scratch(bytes);
  const auto pass = [&] {
    Recorder::run(tacet_egru_forward(context, &layer, &sequence, &outputs, nullptr, scratch.memory,
                                     scratch.bytes, nullptr));
  };
  pass();
  size_t rows = 0;
  for (size_t i = 0; i < kLarge; i++) {
    bool heard = false;
    for (int n = 0; n < batch; n++) {
      heard = heard || first[n * kLarge + i] != 0;
      for (int t = 0; t < steps; t++) {
        heard = heard || (t + 1 < steps && outputs.y[t * states + n * kLarge + i] != 0);
      }
    }
    rows += heard;
  }
  // Rows that are heard, parameters, three currents and y of all steps, states before and after.
  const double floor = 12.0 * kLarge * static_cast<double>(rows) + 4.0 * 7 * kLarge +
                       16.0 * static_cast<double>(steps * states) + 16.0 * static_cast<double>(states);
  recorder.count("EGRU forward, " + what, floor, pass);
  Recorder::run(tacet_set_factors(context, TACET_FLOAT32));
}

}  // namespace

void count_egru(Recorder& recorder) {
  const std::string shape = " 128 units, batch 4, 8 steps";
  count_engine(recorder, "EVENT" + shape, TACET_EGRU_EVENT);
  count_engine(recorder, "DENSE" + shape, TACET_EGRU_DENSE);
  count_engine(recorder, "PERSISTENT" + shape, TACET_EGRU_PERSISTENT);
  count_engine(recorder, "PERSISTENT bf16x3" + shape, TACET_EGRU_PERSISTENT, kUnits, 1, TACET_BF16X3);
  count_engine(recorder, "PERSISTENT bf16" + shape, TACET_EGRU_PERSISTENT, kUnits, 1, TACET_BF16);
  const std::string replicas = " 4 replicas x 128 units, batch 4, 8 steps";
  count_engine(recorder, "EVENT" + replicas, TACET_EGRU_EVENT, kUnits, 4);
  count_engine(recorder, "DENSE" + replicas, TACET_EGRU_DENSE, kUnits, 4);
  count_engine(recorder, "PERSISTENT" + replicas, TACET_EGRU_PERSISTENT, kUnits, 4);
  const float* const large = device(Random().uniform(3 * kLarge * kLarge, -0.03f, 0.03f));
  for (const auto& [batch, steps] : {std::pair{1, 1}, std::pair{1, 8}, std::pair{8, 8}}) {
    const std::string shape = " 2048 units, batch " + std::to_string(batch) + ", " + std::to_string(steps) +
                              (steps == 1 ? " step" : " steps");
    count_large(recorder, large, "EVENT stepwise" + shape, batch, steps, TACET_EGRU_STREAMING_OFF);
    count_large(recorder, large, "EVENT in one launch" + shape, batch, steps, TACET_EGRU_STREAMING_ON);
    if (steps > 1) {
      count_large(recorder, large, "EVENT in one launch bf16" + shape, batch, steps, TACET_EGRU_STREAMING_ON,
                  TACET_BF16);
    }
  }
  const std::string sparse = " 128 units, fan-out 32, batch 4, 8 steps";
  count_engine(recorder, "EVENT" + sparse, TACET_EGRU_EVENT, 32);
  count_engine(recorder, "DENSE" + sparse, TACET_EGRU_DENSE, 32);
}

}  // namespace tacet::traffic
