// Backward pass of event-gated recurrent units, step by step, and the choice among engines; the
// equations are in adjoint.cuh.
//
// A step is a pointwise kernel and a product with R^T (PAPER: two of each), issued without waiting.
// A unit that sent nothing and is outside the support of psi multiplies its dy by 0, so its row of
// the product is not computed: with few samples a warp takes four rows of R, each a dot product
// with up to eight samples, and skips those that no sample needs. Larger batches use the tiled
// product, with factors of bfloat16 that on tensor cores, which skips nothing: a tile of 64 samples x 64 units is idle only if all 4096 are, and
// if half of all units are idle, a row is idle in 32 samples at once with probability 2^-32. If the
// tape lacks q, it is recomputed as y' R_g from the events of the tape, by a tiled product over
// enough steps to fill the device, since these steps are independent. Flops: 2 units^2 per step and
// sample.
// Bytes per step: 68 per unit and sample, 12 units per row of R that is needed. Flops: 6 units per
// row and sample, 45 per unit and sample.
// Weights on a pattern: every batch by rows, those of sparse/rows.cuh, with dq in groups of samples;
// q is recomputed by target.
#include "egru/gradient.cuh"
#include "egru/pattern_products.cuh"
#include "egru/row_products.cuh"
#include "sparse/rows.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ float sum_parts(const BackwardArguments& a, int parts, size_t state) {
  const size_t stride = static_cast<size_t>(a.call.sequence.batch) * a.call.layer.units;
  float sum = a.products[state];
  for (int part = 1; part < parts; part++) {
    sum += a.products[part * stride + state];
  }
  return sum;
}

// With replicas, whose arguments take registers, three blocks on a multiprocessor, or the compiler spills
// on sm_100 to fit four.
/** The part of a step that needs nothing from R: all of it but for PAPER's reset gate. */
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads, kReplicas ? 3 : 0)
    retreat_kernel(const BackwardArguments all, const SampleGroups groups, int t, int parts) {
  const BackwardArguments& a = own_part<kReplicas>(all, block_replica<kReplicas>());
  const int units = a.call.layer.units;
  const int n = static_cast<int>(blockIdx.x) / a.tiles;
  const int i = static_cast<int>(blockIdx.x) % a.tiles * kThreads + static_cast<int>(threadIdx.x);
  if (i >= units) {
    return;
  }
  const bool last = t >= steps_of(a.call, n) - 1;
  const size_t state = static_cast<size_t>(n) * units + i;
  const GateErrors d =
      retreat_unit(a, t, n, i, load_adjoint_constants(a, i), load_adjoint_inputs(a, t, n, i),
                   last ? 0.0f : sum_parts(a, parts, state));
  float* const dq = a.dq + groups.at(n, i, 3 * units);
  const size_t gate = static_cast<size_t>(units) * groups.shared;
  dq[0] = d.z;
  dq[gate] = d.r;
  dq[2 * gate] = d.g;
}

/** PAPER: through the reset gate, once e = dp_g R_g^T is there. */
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    retreat_reset_kernel(const BackwardArguments all, const SampleGroups groups, int t, int parts) {
  const BackwardArguments& a = own_part<kReplicas>(all, block_replica<kReplicas>());
  const int units = a.call.layer.units;
  const int n = static_cast<int>(blockIdx.x) / a.tiles;
  const int i = static_cast<int>(blockIdx.x) % a.tiles * kThreads + static_cast<int>(threadIdx.x);
  if (i < units && t < steps_of(a.call, n)) {
    const float e = sum_parts(a, parts, static_cast<size_t>(n) * units + i);
    a.dq[groups.at(n, units + i, 3 * units)] = retreat_reset(a, t, n, i, e);
  }
}

/** What was sent into steps first, first + 1 and so on: a row a step and sample. */
struct SentMatrix {
  static constexpr bool kByRows = true;

  EgruCall call;
  int first;

  __device__ __forceinline__ float operator()(int row, int column) const {
    const int t = first + row / call.sequence.batch;
    const int n = row % call.sequence.batch;
    return t < steps_of(call, n) ? sent_before(call, t, n, column) : 0.0f;
  }
};

/** The same of each replica. */
struct SentMatrices {
  static constexpr bool kByRows = true;

  EgruCall calls;
  int first;
};

/** That of one, by its place among all: pointers of its own would take too many registers here. */
struct SentOfReplica {
  const SentMatrices& all;
  int replica;

  __device__ __forceinline__ float operator()(int row, int column) const {
    const EgruCall& calls = all.calls;
    const int t = all.first + row / calls.sequence.batch;
    const int n = row % calls.sequence.batch;
    return t < steps_of(calls, n, replica) ? sent_before(calls, t, n, column, replica) : 0.0f;
  }
};

__device__ __forceinline__ SentOfReplica of_replica(const SentMatrices& all, int replica) {
  return {all, replica};
}

/** Which products of a step with a pattern are needed. */
struct NeededRows {
  EgruCall call;
  int t;

  __device__ __forceinline__ bool operator()(int n, int j) const {
    return is_needed(call, t, n, j);
  }
};

/** Rows of a product that is computed again at once. */
constexpr int kAgainRows = 1024;

}  // namespace

template <>
struct HasReplicas<SentMatrices> {
  static constexpr bool value = true;
};

namespace {

/** The steps of one backward pass. */
class Retreat {
 public:
  Retreat(const EgruCall& call, const EgruErrorsView& errors, const EgruGradientsView& gradients)
      : a_{call,    errors,  gradients, nullptr, nullptr,
           nullptr, nullptr, nullptr,   nullptr, tacet::ceil_div(call.layer.units, kThreads),
           nullptr, call.sequence.steps, 0, 0, 0},
        paper_(call.layer.variant == EgruVariant::kPaper),
        fragments_(fragment_backward_shape(call)),
        on_tensor_cores_(fragments_wanted(call, fragments_)),
        shape_(on_tensor_cores_ ? fragments_.blocks : persistent_backward_shape(call)),
        groups_(call.layer.is_sparse() ? packed_groups(call.sequence.batch)
                                       : SampleGroups{1, call.sequence.batch}),
        by_rows_(call.layer.is_sparse() || call.layer.engine == EgruEngine::kEvent ||
                 (call.layer.engine != EgruEngine::kDense &&
                  call.sequence.batch <= kMostShared)) {}

  void carve(tacet::Carver& carver) {
    const size_t states = this->states();
    const size_t replicas = a_.call.layer.replicas;
    a_.dh = carver.take<float>(states);
    if (!paper_ && a_.call.tape.q == nullptr) {
      carve_again(carver);
    }
    if (on_tensor_cores_) {
      exchange_ = carve_fragment_backward(a_.call, fragments_, carver);
      a_.totals = carver.take<float>(kStepSums * states);
      a_.products_apart = state_elements(a_.call);
      a_.products = carver.take<float>(a_.gradients.initial_y == nullptr ? 0 : states);
      return;
    }
    const size_t dq = persistent() ? 2 * 3 * packed_groups(a_.call.sequence.batch)
                                                 .elements(a_.call.layer.units)
                                   : dq_elements();
    a_.dq_apart = static_cast<int64_t>(dq);
    a_.dq = carver.take<float>(replicas * dq);
    if (persistent()) {
      counters_ = carver.take<unsigned int>(shape_.counters());
    }
    if (paper_) {
      a_.direct = carver.take<float>(states);
    }
    const int units = a_.call.layer.units;
    const int parts_of_all = max(parts(3 * units), max(parts(2 * units), parts(units)));
    a_.products_apart = parts_of_all * state_elements(a_.call);
    a_.products = carver.take<float>(parts_of_all * states);
    if (a_.call.layer.events && a_.gradients.thresholds != nullptr) {
      a_.thresholds = carver.take<float>(states);
    }
  }

  void run(tacet::Stream stream) {
    const EgruCall& call = a_.call;
    const int units = call.layer.units;
    const dim3 blocks = replica_grid(call, call.sequence.batch * a_.tiles);
    if (a_.thresholds != nullptr) {
      fill_bytes(a_.thresholds, 0, sizeof(float) * states(), stream);
    }
    if (persistent()) {
      stay_on_chip(stream);
      return;
    }
    if (sent_again_ != nullptr) {
      by_target(candidate_values(), by_target_, stream);
    }
    if (groups_.shared * groups_.groups > call.sequence.batch) {
      // A group that is not full has silent samples.
      fill_bytes(a_.dq, 0, sizeof(float) * dq_elements(), stream);
    }
    const int parts_of_y = parts(paper_ ? 2 * units : 3 * units);
    for (int t = call.sequence.steps - 1; t >= 0; t--) {
      if (a_.again != nullptr && t < a_.first_again) {
        multiply_again(t, stream);
      }
      with_replicas(call, [&](auto replicas) {
        TACET_LAUNCH(retreat_kernel<decltype(replicas)::value>, blocks, kThreads, 0, stream, a_,
                     groups_, t, parts_of_y);
      });
      if (paper_) {
        multiply(2 * units, units, t, stream);
        with_replicas(call, [&](auto replicas) {
          TACET_LAUNCH(retreat_reset_kernel<decltype(replicas)::value>, blocks, kThreads, 0, stream,
                       a_, groups_, t, parts(units));
        });
      }
      if (t > 0 || a_.gradients.initial_y != nullptr) {
        multiply(0, paper_ ? 2 * units : 3 * units, t, stream);
      }
    }
  }

  const BackwardArguments& arguments() const { return a_; }

  tacet::EgruPassPlan plan() const {
    if (persistent()) {
      return {EgruEngine::kPersistent, shape_.cluster, shape_.teams, shape_.blocks,
              on_tensor_cores_ ? a_.call.layer.factors : tacet::Factors::kFloat32};
    }
    if (by_rows_) {
      return {EgruEngine::kEvent, false, 0, 0};
    }
    return {EgruEngine::kDense, false, 0, 0,
            steps_on_tensor_cores(a_.call) ? a_.call.layer.factors : tacet::Factors::kFloat32};
  }

  /** Parts of the product whose sum is dy before the first step. */
  int last_parts() const { return parts((paper_ ? 2 : 3) * a_.call.layer.units); }

 private:
  /** Elements of the states of all replicas. */
  size_t states() const { return a_.call.layer.replicas * state_elements(a_.call); }

  bool persistent() const { return shape_.blocks > 0; }

  size_t dq_elements() const { return groups_.elements(3 * a_.call.layer.units); }

  /** For q, where the tape has none. */
  void carve_again(tacet::Carver& carver) {
    a_.again = carver.take<float>(steps_again() * states());
    if (a_.call.layer.is_sparse()) {
      const int rows = steps_again() * a_.call.sequence.batch;
      sent_again_ = carver.take<float>(packed_groups(rows).elements(a_.call.layer.units));
      by_target_ = tacet::carve_by_target(candidate_values(), carver);
    }
  }

  /** R_g on a pattern. */
  tacet::PatternValues candidate_values() const {
    const int units = a_.call.layer.units;
    return recurrent_values(a_.call, 2 * units, units);
  }

  /** The steps in as few launches as the layer allows and as q is computed again. */
  void stay_on_chip(tacet::Stream stream) {
    int next = a_.call.sequence.steps - 1;
    while (next >= 0) {
      if (a_.again != nullptr && next < a_.first_again) {
        multiply_again(next, stream);
      }
      const int least = a_.again != nullptr ? a_.first_again : 0;
      const int first = max(next + 1 - a_.call.layer.launch_steps, least);
      if (on_tensor_cores_) {
        run_fragment_backward(a_, fragments_, next, first, exchange_, stream);
      } else {
        run_persistent_backward(a_, shape_, next, first, counters_, stream);
      }
      next = first - 1;
    }
  }

  int parts(int depth) const {
    return by_rows_ || persistent()
               ? 1
                    : product_parts(a_.call.sequence.batch, a_.call.layer.units, depth,
                                    kEgruMostParts);
  }

  /** Steps whose products are recomputed in one launch. */
  int steps_again() const {
    return max(min(kAgainRows / a_.call.sequence.batch, a_.call.sequence.steps), 1);
  }

  /** Computes y' R_g again for steps up to t. */
  void multiply_again(int t, tacet::Stream stream) {
    const int units = a_.call.layer.units;
    const int first = max(t + 1 - steps_again(), 0);
    const int rows = (t + 1 - first) * a_.call.sequence.batch;
    const SentMatrix sent{a_.call, first};
    if (sent_again_ != nullptr) {
      launch_pack(sent, rows, units, packed_groups(rows), sent_again_, stream);
      const tacet::PatternValues g = candidate_values();
      multiply_by_target({by_target_, g.first, g.count, g.low, g.high, sent_again_, rows, a_.again,
                          units, 2 * units},
                         stream);
    } else {
      const float* const weights = a_.call.layer.recurrent + 2 * units;
      const auto stride = static_cast<size_t>(3) * units;
      const StoreProduct again{a_.again, units, false};
      if (a_.call.layer.replicas == 1) {
        launch_product(sent, Matrix<false>{weights, stride}, rows, units, units, 1, again, stream);
      } else {
        launch_product(SentMatrices{a_.call, first},
                       ReplicaMatrix<false>{weights, stride, int64_t{3} * units * units}, rows,
                       units, units, 1, again, stream, a_.call.layer.replicas);
      }
    }
    a_.first_again = first;
    a_.again_apart = static_cast<int64_t>(rows) * units;
  }

  /** Multiplies `count` columns of dq by those of R, transposed. */
  void multiply(int column, int count, int t, tacet::Stream stream) const {
    const int units = a_.call.layer.units;
    const int batch = a_.call.sequence.batch;
    if (a_.call.layer.is_sparse()) {
      launch_pattern_rows(recurrent_values(a_.call, column, count), a_.dq, 3 * units,
                          NeededRows{a_.call, t}, batch, a_.products, stream);
    } else if (!by_rows_) {
      multiply_dense(column, count, stream);
    } else {
      launch_rows(a_, column, count, t, stream);
    }
  }

  void multiply_dense(int column, int count, tacet::Stream stream) const {
    if (steps_on_tensor_cores(a_.call)) {
      tensor_step_product_back(a_, column, count, parts(count), stream);
      return;
    }
    const int units = a_.call.layer.units;
    const int batch = a_.call.sequence.batch;
    const auto stride = static_cast<size_t>(3) * units;
    const float* const left = a_.dq + column;
    const float* const right = a_.call.layer.recurrent + column;
    if (a_.call.layer.replicas == 1) {
      launch_product(Matrix<false>{left, stride}, Matrix<true>{right, stride}, batch, units, count,
                     parts(count), StoreParts{a_.products, batch, units, 0}, stream);
      return;
    }
    launch_product(ReplicaMatrix<false>{left, stride, a_.dq_apart},
                   ReplicaMatrix<true>{right, stride, int64_t{3} * units * units}, batch, units,
                   count, parts(count),
                   StoreReplicaParts{a_.products, batch, units, 0, a_.products_apart}, stream,
                   a_.call.layer.replicas);
  }

  BackwardArguments a_;
  bool paper_;
  FragmentShape fragments_;
  bool on_tensor_cores_;
  /** Of a persistent pass, also of that on tensor cores. */
  PersistentShape shape_;
  FragmentExchange exchange_{};
  unsigned int* counters_ = nullptr;
  SampleGroups groups_;
  bool by_rows_;
  /** With a pattern, where q is recomputed: what was sent, and R_g by target. */
  float* sent_again_ = nullptr;
  tacet::ByTargetView by_target_{};
};

/** Adjoint of the state before the first step. */
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    initial_kernel(const BackwardArguments all, int parts) {
  const BackwardArguments& a = own_part<kReplicas>(all, block_replica<kReplicas>());
  const int units = a.call.layer.units;
  const int n = static_cast<int>(blockIdx.x) / a.tiles;
  const int i = static_cast<int>(blockIdx.x) % a.tiles * kThreads + static_cast<int>(threadIdx.x);
  if (i >= units) {
    return;
  }
  const size_t state = static_cast<size_t>(n) * units + i;
  // Of a sample without steps the first state is the last.
  const bool none = steps_of(a.call, n) == 0;
  if (a.gradients.initial_y != nullptr) {
    a.gradients.initial_y[state] =
        none ? (a.errors.last_y == nullptr ? 0.0f : a.errors.last_y[state])
             : sum_parts(a, parts, state) + (is_paper(a.call) ? a.direct[state] : 0.0f);
  }
  if (a.gradients.initial_h != nullptr) {
    a.gradients.initial_h[state] =
        none ? (a.errors.last_h == nullptr ? 0.0f : a.errors.last_h[state]) : a.dh[state];
  }
}

}  // namespace

tacet::EgruPassPlan egru_backward_plan(const EgruCall& call) {
  return Retreat(call, EgruErrorsView{}, EgruGradientsView{}).plan();
}

void egru_backward_bytes(const EgruCall& call, const EgruGradientsView& gradients, size_t* bytes) {
  tacet::Carver carver(nullptr);
  Retreat(call, EgruErrorsView{}, gradients).carve(carver);
  EgruParameterGradients(call, gradients).carve(carver);
  *bytes = carver.bytes();
}

void egru_backward(const EgruCall& call, const EgruErrorsView& errors,
                   const EgruGradientsView& gradients, const tacet::Workspace& workspace,
                   tacet::Stream stream) {
  Retreat retreat(call, errors, gradients);
  EgruParameterGradients parameters(call, gradients);
  tacet::Carver carver(workspace.base);
  retreat.carve(carver);
  parameters.carve(carver);
  require_bytes(carver, workspace);
  retreat.run(stream);
  const BackwardArguments& a = retreat.arguments();
  if (gradients.initial_y != nullptr || gradients.initial_h != nullptr) {
    with_replicas(call, [&](auto replicas) {
      TACET_LAUNCH(initial_kernel<decltype(replicas)::value>,
                   replica_grid(call, call.sequence.batch * a.tiles), kThreads, 0, stream, a,
                   retreat.last_parts());
    });
  }
  parameters.add(a.thresholds, a.totals, stream);
}

}  // namespace TACET_NS
