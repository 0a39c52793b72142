// Gradients of the parameters: dR = sum over steps and samples of y'^T dq, sums of columns for biases
// and thresholds. Fixed order, no atomics on floats.
//
// dR by events: a block owns 32 rows (a word of event bits) x 256 columns of R in shared memory and
// walks all steps and samples; where a unit of its rows sent something, it adds that times dq to the
// row, a thread two columns. Rows of silent units cost nothing. dq_g = r dp_g is computed on the
// fly (PAPER: instead y' is multiplied by the sender's r). With few blocks the steps are split into
// parts, which are added in order.
// Replicas are more tiles of rows; sums of parts [replicas][parts][units][3 units].
// Bytes: 12 units steps batch read units/32 times through L2, 12 units^2 written. Flops: 6 units per
// event.
// dR with factors of bfloat16, of CELL_RESET_AFTER: rows of what was sent and of dq of up to 4,096 pairs, in
// 64 MiB up to 4,096 units, and their product by dense/tensor_product.cuh, added to the gradient. Bytes of the rows:
// 20 units a pair read, 16 written, and read by the product; below an activity of 0.01 by events, which
// are then less.
// dR on a pattern: sparse/gradient.cuh, whose owners of rows go through the events of their units.
#include "egru/gradient.cuh"

#include "dense/columns.cuh"
#include "dense/dense.h"
#include "egru/pattern_products.cuh"
#include "sparse/gradient.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 128;
constexpr int kColumns = 2 * kThreads;
constexpr int kRows = 32;
/** Pairs of step and sample whose events are staged together. */
constexpr int kPairs = 64;
constexpr int kMostParts = 16;

/** What units sent into a product, for a gradient on a pattern. */
struct SentInto {
  EgruCall call;
  bool candidate;

  __device__ __forceinline__ float operator()(int pair, int j) const {
    return sent_into(call, pair, j, candidate);
  }
};

/** The adjoint of the recurrent product from a pair on: a row to a pair. */
struct ErrorRows {
  RecurrentErrors errors;
  int first;

  __device__ __forceinline__ float operator()(int row, int column) const {
    return errors(first + row, column);
  }
};

/** Columns of rows of kStepSums units, those from `from` on so many further to the right. */
struct StepSumsColumns {
  const float* __restrict__ values;
  int units;
  int from;
  int further;

  __device__ __forceinline__ float operator()(int64_t row, int column) const {
    return values[static_cast<size_t>(row) * kStepSums * units + column +
                  (column >= from ? further : 0)];
  }
};

template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    event_gradient_kernel(const RecurrentErrors all_errors, int pairs, int pairs_part,
                          int gate_tiles, float* __restrict__ all_sums) {
  TACET_SHARED(owned, float[kRows][kColumns]);
  TACET_SHARED(values, float[kPairs][kRows]);
  TACET_SHARED(words, uint32_t[kPairs]);
  const int units = all_errors.call.layer.units;
  const int row_tiles = kReplicas ? (units + kRows - 1) / kRows : 0;
  const int replica = kReplicas ? static_cast<int>(blockIdx.x) / row_tiles : 0;
  const RecurrentErrors& errors = own_part<kReplicas>(all_errors, replica);
  const EgruCall& call = errors.call;
  float* __restrict__ const sums =
      all_sums + static_cast<size_t>(replica) * gridDim.z * 3 * units * units;
  const int thread = static_cast<int>(threadIdx.x);
  const int row = (static_cast<int>(blockIdx.x) - replica * row_tiles) * kRows;
  // Tiles of the gates z and r, then those of the candidate.
  const int tile = static_cast<int>(blockIdx.y);
  const bool candidate = tile >= gate_tiles;
  const int begin_column = candidate ? 2 * units + (tile - gate_tiles) * kColumns : tile * kColumns;
  const int end_column = candidate ? 3 * units : 2 * units;
  const int part = static_cast<int>(blockIdx.z);
  const int begin = part * pairs_part;
  const int end = pairs - begin < pairs_part ? pairs : begin + pairs_part;
  const int column = begin_column + thread;
  const bool first = column < end_column;
  const bool second = column + kThreads < end_column;
  for (int r = 0; r < kRows; r++) {
    owned[r][thread] = 0.0f;
    owned[r][thread + kThreads] = 0.0f;
  }
  for (int start = begin; start < end; start += kPairs) {
    __syncthreads();
    // A warp stages the 32 rows of a pair.
    for (int p = warp_id(); p < kPairs; p += kThreads / 32) {
      const int j = row + lane_id();
      const float y =
          p < end - start && j < units ? sent_into(call, start + p, j, candidate) : 0.0f;
      values[p][lane_id()] = y;
      const uint32_t word = __ballot_sync(kFullWarp, y != 0.0f);
      if (lane_id() == 0) {
        words[p] = word;
      }
    }
    __syncthreads();
    for (int p = 0; p < kPairs; p++) {
      uint32_t word = words[p];
      if (word != 0) {
        const float d0 = first ? errors(start + p, column) : 0.0f;
        const float d1 = second ? errors(start + p, column + kThreads) : 0.0f;
        while (word != 0) {
          const int r = __ffs(static_cast<int>(word)) - 1;
          word &= word - 1;
          const float y = values[p][r];
          owned[r][thread] = fmaf(y, d0, owned[r][thread]);
          owned[r][thread + kThreads] = fmaf(y, d1, owned[r][thread + kThreads]);
        }
      }
    }
  }
  const size_t stride = static_cast<size_t>(3) * units;
  for (int r = 0; r < kRows && row + r < units; r++) {
    float* const target = sums + (static_cast<size_t>(part) * units + row + r) * stride + column;
    if (first) {
      target[0] = owned[r][thread];
    }
    if (second) {
      target[kThreads] = owned[r][thread + kThreads];
    }
  }
}

/** What was sent and the errors of the recurrent product for pairs first .. first + count - 1. */
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    gradient_rows_kernel(const RecurrentErrors all_errors, int first, int count,
                         float* __restrict__ all_sent, float* __restrict__ all_rows) {
  const int replica = block_replica<kReplicas>();
  const RecurrentErrors& errors = own_part<kReplicas>(all_errors, replica);
  const int units = all_errors.call.layer.units;
  const size_t before = static_cast<size_t>(replica) * count;
  for (int row = static_cast<int>(blockIdx.x); row < count; row += static_cast<int>(gridDim.x)) {
    float* const sent = all_sent + (before + row) * units;
    float* const rows = all_rows + (before + row) * 3 * units;
    for (int j = static_cast<int>(threadIdx.x); j < units; j += kThreads) {
      sent[j] = sent_into(errors.call, first + row, j, false);
    }
    for (int column = static_cast<int>(threadIdx.x); column < 3 * units; column += kThreads) {
      rows[column] = errors(first + row, column);
    }
  }
}

/** @param count elements of the gradient of a replica; with several, they are the grid's z axis */
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    add_parts_kernel(const float* __restrict__ all_sums, int parts, int64_t count,
                     float* __restrict__ all_gradients) {
  const int replica = block_replica<kReplicas>();
  const float* __restrict__ const sums = all_sums + int64_t{replica} * parts * count;
  float* __restrict__ const gradient = all_gradients + replica * count;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += stride) {
    float sum = sums[i];
    for (int part = 1; part < parts; part++) {
      sum += sums[part * count + i];
    }
    gradient[i] += sum;
  }
}

}  // namespace

int EgruParameterGradients::parts() const {
  const int units = call_.layer.units;
  const int pairs = call_.sequence.steps * call_.sequence.batch;
  const int64_t blocks = static_cast<int64_t>(tacet::ceil_div(units, kRows)) *
                         (tacet::ceil_div(2 * units, kColumns) + tacet::ceil_div(units, kColumns));
  const int64_t useful = min(int64_t{kMostParts}, static_cast<int64_t>(pairs / (4 * kPairs)));
  return static_cast<int>(max(min(2 * kProductEnoughBlocks / blocks, useful), int64_t{1}));
}

bool EgruParameterGradients::on_tensor_cores() const {
  constexpr float kLeastActivity = 0.01f;
  const bool silent = call_.layer.events && call_.sequence.activity >= 0.0f &&
                      call_.sequence.activity < kLeastActivity;
  return gradients_.recurrent != nullptr && call_.layer.factors != tacet::Factors::kFloat32 &&
         !call_.layer.is_sparse() && call_.layer.variant != EgruVariant::kPaper && !silent &&
         has_tensor_products();
}

int EgruParameterGradients::pairs_together() const {
  constexpr int kBytes = 64 << 20;
  constexpr int kMostPairs = 4096;
  const int fit = max(kBytes / 16 / call_.layer.units, 1024);
  return min(call_.sequence.steps * call_.sequence.batch, min(fit, kMostPairs));
}

void EgruParameterGradients::carve(tacet::Carver& carver) {
  const int64_t units = call_.layer.units;
  const int64_t pairs = static_cast<int64_t>(call_.sequence.steps) * call_.sequence.batch;
  size_t most = max(column_scratch(pairs, static_cast<int>(3 * units)),
                    column_scratch(call_.sequence.batch, static_cast<int>(units)));
  if (on_tensor_cores()) {
    const int together = pairs_together();
    const int replicas = call_.layer.replicas;
    rows_ = carver.take<float>(size_t{4} * replicas * together * units);
    product_.bytes = 0;
    for (int count : {together, static_cast<int>(pairs % together)}) {
      product_.bytes = max(product_.bytes,
                           count == 0 ? 0
                                      : multiply_bytes(static_cast<int>(units),
                                                       static_cast<int>(3 * units), count, replicas));
    }
    product_.base = carver.take<char>(product_.bytes);
  } else if (gradients_.recurrent != nullptr) {
    most = max(most, call_.layer.is_sparse()
                         ? pattern_gradient_elements(call_.layer.pattern, static_cast<int>(3 * units),
                                                     static_cast<int>(pairs))
                         : static_cast<size_t>(parts() * 3 * units * units));
  }
  scratch_ = carver.take<float>(call_.layer.replicas * most);
}

void EgruParameterGradients::add_on_tensor_cores(tacet::Stream stream) const {
  const int units = call_.layer.units;
  const int replicas = call_.layer.replicas;
  const int pairs = call_.sequence.steps * call_.sequence.batch;
  const int together = pairs_together();
  for (int first = 0; first < pairs; first += together) {
    const int count = min(together, pairs - first);
    float* const errors = rows_ + static_cast<size_t>(replicas) * count * units;
    with_replicas(call_, [&](auto several) {
      TACET_LAUNCH(gradient_rows_kernel<decltype(several)::value>, replica_grid(call_, min(count, 1 << 20)),
                   kThreads, 0, stream, RecurrentErrors{call_, gradients_.currents}, first, count, rows_,
                   errors);
    });
    multiply({true, false, units, 3 * units, count, rows_, errors, true, gradients_.recurrent, replicas,
              int64_t{count} * units, int64_t{3} * count * units, call_.layer.factors},
             product_, stream);
  }
}

template <int kGates>
void EgruParameterGradients::add_on_pattern(tacet::Stream stream) const {
  const int units = call_.layer.units;
  const int pairs = call_.sequence.steps * call_.sequence.batch;
  const int together = gradient_pairs(call_.layer.pattern, 3 * units, pairs);
  for (int first = 0; first < pairs; first += together) {
    const int count = min(together, pairs - first);
    launch_pack(ErrorRows{{call_, gradients_.currents}, first}, count, 3 * units,
                gradient_groups(count), scratch_, stream);
    const auto add = [&](int column, int columns, bool candidate) {
      launch_pattern_gradient<kGates>(recurrent_values(call_, column, columns),
                                      SentInto{call_, candidate}, first, count, scratch_, 3 * units,
                                      gradients_.recurrent, stream);
    };
    if (call_.layer.variant == EgruVariant::kPaper) {
      add(0, 2 * units, false);
      add(2 * units, units, true);
    } else {
      add(0, 3 * units, false);
    }
  }
}

void EgruParameterGradients::add_recurrent(tacet::Stream stream) const {
  const int units = call_.layer.units;
  const int pairs = call_.sequence.steps * call_.sequence.batch;
  const int replicas = call_.layer.replicas;
  if (gradients_.recurrent != nullptr && call_.layer.is_sparse()) {
    if (call_.layer.gates_per_synapse() == 1) {
      add_on_pattern<1>(stream);
    } else {
      add_on_pattern<3>(stream);
    }
  } else if (on_tensor_cores()) {
    add_on_tensor_cores(stream);
  } else if (gradients_.recurrent != nullptr) {
    const int gate_tiles = tacet::ceil_div(2 * units, kColumns);
    const dim3 grid(tacet::ceil_div(units, kRows) * replicas,
                    gate_tiles + tacet::ceil_div(units, kColumns), parts());
    const int64_t count = static_cast<int64_t>(3) * units * units;
    const int64_t blocks = min(tacet::ceil_div(count, int64_t{kThreads}), int64_t{1} << 20);
    with_replicas(call_, [&](auto several) {
      constexpr bool kReplicas = decltype(several)::value;
      TACET_LAUNCH(event_gradient_kernel<kReplicas>, grid, kThreads, 0, stream,
                   RecurrentErrors{call_, gradients_.currents}, pairs, tacet::ceil_div(pairs, parts()),
                   gate_tiles, scratch_);
      TACET_LAUNCH(add_parts_kernel<kReplicas>,
                   replica_grid(call_, static_cast<unsigned int>(blocks)), kThreads, 0, stream,
                   scratch_, parts(), count, gradients_.recurrent);
    });
  }
}

void EgruParameterGradients::add_totals(const float* totals, tacet::Stream stream) const {
  const int units = call_.layer.units;
  const auto add = [&](int columns, int from, int further, float* gradient) {
    if (gradient != nullptr) {
      launch_column_sums(StepSumsColumns{totals, units, from, further}, call_.sequence.batch, columns,
                         scratch_, gradient, stream, call_.layer.replicas);
    }
  };
  add(3 * units, 3 * units, 0, gradients_.input_bias);
  add(3 * units, 2 * units, units, gradients_.recurrent_bias);
  add(units, 0, 4 * units, call_.layer.events ? gradients_.thresholds : nullptr);
}

void EgruParameterGradients::add(const float* thresholds, const float* totals,
                                 tacet::Stream stream) const {
  const int units = call_.layer.units;
  const int pairs = call_.sequence.steps * call_.sequence.batch;
  const int replicas = call_.layer.replicas;
  add_recurrent(stream);
  if (totals != nullptr) {
    add_totals(totals, stream);
    return;
  }
  // Rows of replicas lie one after the other in currents and tape.
  if (gradients_.input_bias != nullptr) {
    launch_column_sums(MatrixValue{gradients_.currents, 3 * units}, pairs, 3 * units, scratch_,
                       gradients_.input_bias, stream, replicas);
  }
  if (gradients_.recurrent_bias != nullptr && call_.layer.variant != EgruVariant::kPaper) {
    launch_column_sums(RecurrentErrors{call_, gradients_.currents}, pairs, 3 * units, scratch_,
                       gradients_.recurrent_bias, stream, replicas);
  }
  if (thresholds != nullptr) {
    launch_column_sums(MatrixValue{thresholds, units}, call_.sequence.batch, units, scratch_,
                       gradients_.thresholds, stream, replicas);
  }
}

}  // namespace TACET_NS
