// Dense products, plain recurrent layers, softmax cross-entropy, Adam, and competition among units.
#include "tacet_dense.h"
#include "float_bits.h"
#include "tacet_optim.h"
#include "tacet_plasticity.h"
#include "tacet_rnn.h"
#include "traffic/operations.h"

namespace tacet::traffic {

namespace {

void count_product(Recorder& recorder, const std::string& what, int m, int n, int k,
                   int factors = TACET_FLOAT32) {
  Recorder::run(tacet_set_factors(recorder.context(), factors));
  Random random;
  const float* a = device(random.uniform(static_cast<size_t>(m) * k, -1, 1));
  const float* b = device(random.uniform(static_cast<size_t>(k) * n, -1, 1));
  auto* c = device<float>(static_cast<size_t>(m) * n);
  tacet_value bytes = 0;
  Recorder::run(tacet_multiply_bytes(recorder.context(), 1, m, n, k, &bytes));
  const Scratch scratch(bytes);
  const double floor = 4.0 * (static_cast<double>(m) * k + static_cast<double>(k) * n +
                              static_cast<double>(m) * n);
  recorder.count("product " + what, floor, [&] {
    Recorder::run(tacet_multiply(recorder.context(), 1, 0, 0, m, n, k, a, b, 0, c, scratch.memory,
                                 scratch.bytes, nullptr));
  });
  Recorder::run(tacet_set_factors(recorder.context(), TACET_FLOAT32));
}

/** @param fan_out targets of a unit in a pattern; as many as units for dense weights */
void count_rnn(Recorder& recorder, int replicas, int fan_out, const std::string& shape) {
  constexpr int kSteps = 8;
  constexpr int kBatch = 16;
  constexpr int kUnits = 256;
  const int all = replicas * kSteps * kBatch * kUnits;
  const int count = replicas * kUnits * fan_out;
  const double weights = 4.0 * count;
  const tacet_pattern sparse = even_pattern(kUnits, fan_out);
  const tacet_pattern* const pattern = fan_out == kUnits ? nullptr : &sparse;
  const double indices = pattern == nullptr ? 0 : 2.0 * kUnits * fan_out;
  Random random;
  const float* recurrent = device(random.uniform(count, -0.1f, 0.1f));
  const float* bias = device(random.uniform(replicas * kUnits, -1, 1));
  const float* currents = device(random.uniform(all, -1, 1));
  const float* errors = device(random.uniform(all, -1, 1));
  auto* values = device<float>(all);
  auto* current_gradient = device<float>(all);
  auto* recurrent_gradient = device<float>(count);
  auto* bias_gradient = device<float>(replicas * kUnits);
  tacet_context* const context = recorder.context();
  tacet_value bytes = 0;
  Recorder::run(tacet_rnn_forward_bytes(context, replicas, kBatch, kUnits, pattern, &bytes));
  const Scratch forward(bytes);
  recorder.count("rnn forward " + shape, 8.0 * all + weights + indices, [&] {
    Recorder::run(tacet_rnn_forward(context, replicas, kSteps, kBatch, kUnits, TACET_TANH, pattern,
                                    recurrent, bias, currents, nullptr, values, nullptr,
                                    forward.memory, forward.bytes, nullptr));
  });
  Recorder::run(
      tacet_rnn_backward_bytes(context, replicas, kSteps, kBatch, kUnits, pattern, &bytes));
  const Scratch backward(bytes);
  recorder.count("rnn backward " + shape, 12.0 * all + 3 * weights + indices, [&] {
    Recorder::run(tacet_rnn_backward(context, replicas, kSteps, kBatch, kUnits, TACET_TANH, pattern,
                                     recurrent, values, nullptr, errors, current_gradient,
                                     recurrent_gradient, bias_gradient, nullptr, backward.memory,
                                     backward.bytes, nullptr));
  });
}

/** With descent, of which weights and gradient are read and weights written. */
void count_oja(Recorder& recorder) {
  constexpr int kSources = 256;
  constexpr int kUnits = 512;
  constexpr int kWeights = kSources * kUnits;
  Random random;
  float* weights = device(random.uniform(kWeights, -0.1f, 0.1f));
  const float* gradient = device(random.uniform(kWeights, -1, 1));
  const float* inputs = device(random.uniform(kSources, -1, 1));
  auto* responses = device<float>(kUnits);
  recorder.count("oja 256 x 512", 12.0 * kWeights + 4.0 * kSources, [&] {
    Recorder::run(tacet_oja(recorder.context(), weights, gradient, 1e-3f, inputs, 1, kSources,
                            kUnits, 0, kSources, 1e-3f, responses, nullptr));
  });
}

/** Competition among units, a sixteenth of which wins. */
void count_competition(Recorder& recorder) {
  constexpr int kRows = 16;
  constexpr int kUnits = 1024;
  constexpr int kWinners = 64;
  constexpr int kAll = kRows * kUnits;
  Random random;
  const float* values = device(random.uniform(kAll, -1, 1));
  auto* results = device<float>(kAll);
  auto* marks = device<uint32_t>(kAll / 32);
  auto* errors = device(random.uniform(kAll, -1, 1));
  const float* gain = device(std::vector<float>{0.5f});
  auto* gradient = device(std::vector<float>(1));
  tacet_context* const context = recorder.context();
  const std::string shape = " 16 x 1024";
  recorder.count("keep winners" + shape, 8.125 * kAll, [&] {
    Recorder::run(
        tacet_keep_winners(context, values, kRows, kUnits, kWinners, results, marks, nullptr));
  });
  const float* factors = device(random.uniform(kRows, 1, 2));
  recorder.count("scale rows" + shape, 8.0 * kAll + 4.0 * kRows, [&] {
    Recorder::run(tacet_scale_rows(context, results, factors, kRows, kUnits, nullptr));
  });
  recorder.count("drop losers" + shape, 0.125 * kAll + 4.0 * kRows * (kUnits - kWinners), [&] {
    Recorder::run(tacet_drop_losers(context, marks, kRows, kUnits, errors, nullptr));
  });
  recorder.count("gain control" + shape, 8.0 * kAll, [&] {
    Recorder::run(tacet_control_gain(context, values, kRows, kUnits, gain, results, nullptr));
  });
  tacet_value bytes = 0;
  Recorder::run(tacet_control_gain_backward_bytes(context, kRows, &bytes));
  const Scratch scratch(bytes);
  // Errors of units below their threshold are not needed.
  recorder.count("gain control backward" + shape, 8.0 * kAll, [&] {
    Recorder::run(tacet_control_gain_backward(context, values, kRows, kUnits, gain, errors, gradient,
                                              scratch.memory, scratch.bytes, nullptr));
  });
}

}  // namespace

void count_dense(Recorder& recorder) {
  count_product(recorder, "256 x 256 x 256", 256, 256, 256);
  count_product(recorder, "8 x 384 x 128", 8, 384, 128);
  count_product(recorder, "of bf16x3 factors 256 x 256 x 256", 256, 256, 256, TACET_BF16X3);
  count_product(recorder, "of bf16x3 factors 8 x 384 x 128", 8, 384, 128, TACET_BF16X3);
  count_rnn(recorder, 1, 256, "8 steps x 16 x 256");
  count_rnn(recorder, 1, 32, "8 steps x 16 x 256, fan-out 32");
  count_rnn(recorder, 4, 256, "4 replicas x 8 steps x 16 x 256");

  count_oja(recorder);

  constexpr int kCount = 1 << 16;
  Random random;
  auto* parameter = device(random.uniform(kCount, -1, 1));
  auto* gradient = device(random.uniform(kCount, -1, 1));
  auto* first = device(std::vector<float>(kCount));
  auto* second = device(std::vector<float>(kCount));
  recorder.count("adam 65536", 28.0 * kCount, [&] {
    const tacet_update update{parameter, gradient, first, second, kCount, bits_of(1e-3f), bits_of(1),
                              bits_of(-1e30f), bits_of(1e30f), 0};
    Recorder::run(tacet_adam(recorder.context(), &update, 1, 0.9f, 0.999f, 1, 1e-8f, 1e30f,
                             nullptr));
  });
  auto* sums = device<double>(TACET_SQUARES_RESULTS + TACET_SQUARES_PARTS);
  recorder.count("clipped norm of 65536", 8.0 * kCount, [&] {
    const tacet_array array{gradient, kCount};
    Recorder::run(tacet_clip_norm(recorder.context(), &array, 1, 1, sums, nullptr));
  });

  constexpr int kRows = 64;
  constexpr int kClasses = 256;
  const float* logits = device(random.uniform(kRows * kClasses, -1, 1));
  const int32_t* labels = device(std::vector<int32_t>(kRows, 3));
  auto* losses = device<float>(kRows);
  auto* predicted = device<int32_t>(kRows);
  auto* errors = device<float>(kRows * kClasses);
  recorder.count("softmax cross-entropy 64 x 256", 8.0 * kRows * kClasses + 12.0 * kRows, [&] {
    Recorder::run(tacet_softmax_cross_entropy(recorder.context(), logits, labels, kRows, kClasses,
                                              1.0f / kRows, losses, predicted, errors, nullptr));
  });
  count_competition(recorder);
}

}  // namespace tacet::traffic
