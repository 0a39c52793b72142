// Forward pass of event-gated recurrent units, step by step: the engines EVENT and DENSE, and the
// choice of the engine, by shape and by choice.cuh.
//
// A step is a recurrent product and the pointwise part (PAPER: two of each, as its reset gate acts
// before the product). Grids are fixed and event counts stay on the device, so all steps are issued
// without synchronisation.
//
// EVENT: a block owns 32 or 128 columns of a group of samples, expands the group's event bits into a
// list in shared memory, and its eight warps add the rows of the list in turn, a float4 of columns a
// lane, each sample of the group in a register; the sums of the warps are added in order. A batch
// of up to eight samples is one group, which reads each row of the union of their events once; of a
// larger batch every sample is a group.
// Bytes per step: 12 units per row in the union, 12 units batch parts of products. Flops: 6 units per
// row and sample of the group.
// DENSE: the product of dense/product.cuh, or with factors of bfloat16 that of dense/tensor_product.cuh.
// EVENT of large layers and up to eight samples is one launch for all steps instead (streaming.cuh).
// Weights on a pattern: EVENT is sparse/active_rows.cu, DENSE sparse/by_target.cu, whose index is made
// once for all steps.
// Pointwise: a thread per unit, a block per sample and 256 units; 48 bytes per unit with a tape, 36
// with a compact one (44 and 34 where it lacks q), and 12 per part. About 30 flops.
#include <optional>

#include "egru/choice.cuh"
#include "egru/event_products.cuh"
#include "egru/fragments.cuh"
#include "egru/pattern_products.cuh"
#include "egru/persistent.cuh"
#include "egru/streaming.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

/** State, trace and what was sent before the first step. */
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    start_kernel(const EgruCall calls, const EgruOutputsView outs, const SampleGroups groups,
                 int tiles, const EgruForwardScratch scratches) {
  const int replica = block_replica<kReplicas>();
  const EgruCall& call = own_part<kReplicas>(calls, replica);
  const EgruOutputsView& out = own_part<kReplicas>(outs, replica, calls);
  const EgruForwardScratch& scratch = own_part<kReplicas>(scratches, replica, calls);
  const int n = static_cast<int>(blockIdx.x) / tiles;
  const int i = static_cast<int>(blockIdx.x) % tiles * kThreads + static_cast<int>(threadIdx.x);
  const bool real = i < call.layer.units && n < call.sequence.batch;
  const float y = real ? start_unit(call, out, n, i, scratch.states) : 0.0f;
  if (i < call.layer.units) {
    // A group that is not full has silent samples.
    scratch.sent[groups.at(n, i, call.layer.units)] = y;
    if (scratch.second != nullptr) {
      scratch.second[groups.at(n, i, call.layer.units)] = 0.0f;
    }
  }
  const uint32_t word = __ballot_sync(kFullWarp, y != 0.0f);
  if (lane_id() == 0 && i < call.layer.units && n < call.sequence.batch && scratch.bits != nullptr) {
    scratch.bits[static_cast<size_t>(n) * event_words(call) + i / 32] = word;
  }
}

/** The parts of a product added up in order. */
__device__ __forceinline__ float sum_parts(const EgruCall& call, const float* __restrict__ products,
                                           int parts, int n, int column) {
  const size_t row = static_cast<size_t>(3) * call.layer.units;
  float sum = products[n * row + column];
  for (int part = 1; part < parts; part++) {
    sum += products[(static_cast<size_t>(part) * call.sequence.batch + n) * row + column];
  }
  return sum;
}

/** PAPER, between its products: what units send through their reset gates. */
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    reset_kernel(const EgruCall calls, const SampleGroups groups, int t, int tiles, int parts,
                 const EgruForwardScratch scratches) {
  const int replica = block_replica<kReplicas>();
  const EgruCall& call = own_part<kReplicas>(calls, replica);
  const EgruForwardScratch& scratch = own_part<kReplicas>(scratches, replica, calls);
  const int n = static_cast<int>(blockIdx.x) / tiles;
  const int i = static_cast<int>(blockIdx.x) % tiles * kThreads + static_cast<int>(threadIdx.x);
  if (i >= call.layer.units) {
    return;
  }
  const size_t at = groups.at(n, i, call.layer.units);
  const GateInputs p{0.0f, sum_parts(call, scratch.products, parts, n, call.layer.units + i), 0.0f};
  float z;
  float r;
  update_and_reset(call, load_constants(call, i), load_inputs(call, t, n, i, scratch.states), p, &z,
                   &r);
  scratch.second[at] = r * scratch.sent[at];
}

// Four blocks on a multiprocessor, or the compiler spills on sm_120 to fit five; with replicas, whose
// arguments take registers too, three, or two there.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1200
constexpr int kReplicaBlocks = 2;
#else
constexpr int kReplicaBlocks = 3;
#endif

template <bool kReplicas>
__global__ void __launch_bounds__(kThreads, kReplicas ? kReplicaBlocks : 4)
    advance_kernel(const EgruCall calls, const EgruOutputsView outs, const SampleGroups groups,
                   int t, int tiles, int parts, int candidate_parts,
                   const EgruForwardScratch scratches) {
  const int replica = block_replica<kReplicas>();
  const EgruCall& call = own_part<kReplicas>(calls, replica);
  const EgruOutputsView& out = own_part<kReplicas>(outs, replica, calls);
  const EgruForwardScratch& scratch = own_part<kReplicas>(scratches, replica, calls);
  const int n = static_cast<int>(blockIdx.x) / tiles;
  const int i = static_cast<int>(blockIdx.x) % tiles * kThreads + static_cast<int>(threadIdx.x);
  const int units = call.layer.units;
  bool event = false;
  if (i < units) {
    const GateInputs p{sum_parts(call, scratch.products, parts, n, i),
                       sum_parts(call, scratch.products, parts, n, units + i),
                       sum_parts(call, scratch.products, candidate_parts, n, 2 * units + i)};
    float& sent = scratch.sent[groups.at(n, i, units)];
    const UnitStep result =
        advance_unit(call, out, t, n, i, load_constants(call, i),
                     load_inputs(call, t, n, i, scratch.states), p, sent, scratch.states);
    sent = result.y;
    event = result.event;
    if (event && out.counts != nullptr) {
      atomicAdd(out.counts + i, 1);
    }
  }
  const uint32_t word = __ballot_sync(kFullWarp, event);
  if (lane_id() == 0 && i < units) {
    const int words = event_words(call);
    scratch.bits[static_cast<size_t>(n) * words + i / 32] = word;
    if (call.tape.h != nullptr) {
      call.tape.events[row_of(call, t, n) * words + i / 32] = word;
    }
  }
}

/** Recurrent products of one pass: which engine, and into how many parts. */
class Products {
 public:
  Products(const EgruCall& call, EgruEngine engine, const SampleGroups& groups)
      : call_(call), event_(engine == EgruEngine::kEvent), groups_(groups) {
    if (call.layer.is_sparse()) {
      on_pattern_.emplace(call, event_);
    }
  }

  void carve(tacet::Carver& carver) {
    if (on_pattern_) {
      on_pattern_->carve(carver);
    }
  }

  /** Before the first product. */
  void prepare(tacet::Stream stream) const {
    if (on_pattern_) {
      on_pattern_->prepare(stream);
    }
  }

  /** Parts of a product over so many columns. */
  int parts(int columns) const {
    const int units = call_.layer.units;
    if (on_pattern_) {
      return on_pattern_->parts();
    }
    return event_ ? egru_row_parts(groups_.groups * tacet::ceil_div(columns, 32 * event_columns(call_)), units)
                  : product_parts(call_.sequence.batch, columns, units, kEgruMostParts);
  }

  void run(const float* sent, const EgruForwardScratch& scratch, int first, int columns,
           tacet::Stream stream) const {
    if (on_pattern_) {
      on_pattern_->run(sent, scratch, first, columns, stream);
    } else if (!event_) {
      run_dense(sent, scratch, first, columns, stream);
    } else {
      launch_event_products(call_, groups_, sent, scratch, first, columns, parts(columns), stream);
    }
  }

 private:
  void run_dense(const float* sent, const EgruForwardScratch& scratch, int first, int columns,
                 tacet::Stream stream) const {
    if (steps_on_tensor_cores(call_)) {
      tensor_step_product(call_, scratch, sent, first, columns, parts(columns), stream);
      return;
    }
    const int units = call_.layer.units;
    const int batch = call_.sequence.batch;
    const float* const weights = call_.layer.recurrent + first;
    const auto stride = static_cast<size_t>(3) * units;
    if (call_.layer.replicas == 1) {
      launch_product(Matrix<false>{sent, static_cast<size_t>(units)},
                     Matrix<false>{weights, stride}, batch, columns, units, parts(columns),
                     StoreParts{scratch.products, batch, 3 * units, first}, stream);
      return;
    }
    launch_product(
        ReplicaMatrix<false>{sent, static_cast<size_t>(units), scratch.sent_apart},
        ReplicaMatrix<false>{weights, stride, int64_t{3} * units * units}, batch, columns, units,
        parts(columns),
        StoreReplicaParts{scratch.products, batch, 3 * units, first, scratch.products_apart},
        stream, call_.layer.replicas);
  }

  const EgruCall& call_;
  bool event_;
  SampleGroups groups_;
  std::optional<PatternProducts> on_pattern_;
};

/** Everything about a forward pass that follows from its call. */
struct ForwardPlan {
  EgruEngine engine;
  SampleGroups groups;
  /** Of the persistent kernel. */
  PersistentShape shape;
  /** Of that on tensor cores. */
  FragmentShape fragments;
  /** Of EVENT in one launch. */
  StreamingShape streaming;

  explicit ForwardPlan(const EgruCall& call)
      : engine(call.layer.engine),
        groups{1, 0},
        shape{0, 0, 0, false},
        fragments(fragment_forward_shape(call)) {
    const int batch = call.sequence.batch;
    if (fragments_wanted(call, fragments)) {
      shape = fragments.blocks;
      engine = EgruEngine::kPersistent;
      return;
    }
    fragments.blocks.blocks = 0;
    if (engine == EgruEngine::kPersistent ||
        (engine == EgruEngine::kAuto && persistent_pays(call))) {
      shape = persistent_forward_shape(call);
      engine = shape.blocks > 0 ? EgruEngine::kPersistent : EgruEngine::kAuto;
    }
    if (engine == EgruEngine::kAuto) {
      engine = events_pay(call) ? EgruEngine::kEvent : EgruEngine::kDense;
    }
    if (engine == EgruEngine::kEvent) {
      streaming = streaming_shape(call);
    }
    if (call.layer.is_sparse()) {
      groups = engine == EgruEngine::kEvent ? SampleGroups{1, batch} : packed_groups(batch);
    } else {
      groups = engine == EgruEngine::kEvent        ? egru_event_groups(batch)
               : engine == EgruEngine::kPersistent ? packed_groups(batch)
                                                   : SampleGroups{1, batch};
    }
  }

  tacet::Factors factors(const EgruCall& call) const {
    const bool tensor =
        fragments.fits() || (engine == EgruEngine::kDense && steps_on_tensor_cores(call));
    return tensor ? call.layer.factors : streaming.factors;
  }

  EgruForwardScratch carve(tacet::Carver& carver, const EgruCall& call,
                           const EgruOutputsView& outputs, Products& products) const {
    const int batch = call.sequence.batch;
    const int units = call.layer.units;
    const size_t replicas = call.layer.replicas;
    const size_t sent = groups.elements(units);
    const bool persistent = engine == EgruEngine::kPersistent;
    const bool paper = call.layer.variant == EgruVariant::kPaper;
    EgruForwardScratch scratch{};
    scratch.states = outputs.last_h != nullptr
                         ? outputs.last_h
                         : carver.take<float>(replicas * batch * units);
    scratch.sent_apart = static_cast<int64_t>(sent);
    scratch.sent = carver.take<float>(replicas * sent);
    scratch.second = persistent || paper ? carver.take<float>(replicas * sent) : nullptr;
    if (persistent) {
      scratch.barrier = carver.take<unsigned int>(shape.counters());
      scratch.products_apart = int64_t{2} * batch * units;
      scratch.products =
          paper ? carver.take<float>(replicas * scratch.products_apart) : nullptr;
    } else {
      const int parts = max(products.parts(3 * units),
                            max(products.parts(2 * units), products.parts(units)));
      scratch.bits = carver.take<uint32_t>(replicas * batch * event_words(call));
      scratch.products_apart = static_cast<int64_t>(parts) * batch * 3 * units;
      scratch.products = carver.take<float>(replicas * scratch.products_apart);
      products.carve(carver);
    }
    return scratch;
  }
};

void run_steps(const EgruCall& call, const EgruOutputsView& outputs, const ForwardPlan& plan,
               const Products& products, const EgruForwardScratch& scratch, tacet::Stream stream) {
  const int units = call.layer.units;
  const int tiles = tacet::ceil_div(units, kThreads);
  const dim3 blocks = replica_grid(call, call.sequence.batch * tiles);
  const bool paper = call.layer.variant == EgruVariant::kPaper;
  const int gates = paper ? 2 * units : 3 * units;
  const int parts = products.parts(gates);
  const int candidate_parts = paper ? products.parts(units) : parts;
  for (int t = 0; t < call.sequence.steps; t++) {
    products.run(scratch.sent, scratch, 0, gates, stream);
    if (paper) {
      with_replicas(call, [&](auto replicas) {
        TACET_LAUNCH(reset_kernel<decltype(replicas)::value>, blocks, kThreads, 0, stream, call,
                     plan.groups, t, tiles, parts, scratch);
      });
      products.run(scratch.second, scratch, 2 * units, units, stream);
    }
    with_replicas(call, [&](auto replicas) {
      TACET_LAUNCH(advance_kernel<decltype(replicas)::value>, blocks, kThreads, 0, stream, call,
                   outputs, plan.groups, t, tiles, parts, candidate_parts, scratch);
    });
  }
}

}  // namespace

EgruEngine egru_engine(const EgruCall& call) { return ForwardPlan(call).engine; }

void egru_plan(const EgruCall& call, tacet::EgruPassPlan* forward,
               tacet::EgruPassPlan* backward) {
  const ForwardPlan plan(call);
  *forward = {plan.engine, plan.shape.cluster, plan.shape.teams, plan.shape.blocks,
              plan.factors(call), plan.streaming.reason};
  if (plan.streaming.fits()) {
    forward->teams = 1;
    forward->blocks = plan.streaming.blocks;
  }
  *backward = egru_backward_plan(call);
}

void egru_forward_bytes(const EgruCall& call, const EgruOutputsView& outputs, size_t* bytes) {
  tacet::Carver carver(nullptr);
  const ForwardPlan plan(call);
  if (plan.fragments.fits()) {
    run_fragment_forward(call, outputs, plan.fragments, carver, nullptr, nullptr);
    *bytes = carver.bytes();
    return;
  }
  if (plan.streaming.fits()) {
    run_streaming_forward(call, outputs, plan.streaming, carver, nullptr, nullptr);
    *bytes = carver.bytes();
    return;
  }
  Products products(call, plan.engine, plan.groups);
  plan.carve(carver, call, outputs, products);
  *bytes = carver.bytes();
}

void egru_forward(const EgruCall& call, const EgruOutputsView& outputs,
                  const tacet::Workspace& workspace, tacet::Stream stream) {
  const ForwardPlan plan(call);
  tacet::Carver carver(workspace.base);
  if (plan.fragments.fits()) {
    run_fragment_forward(call, outputs, plan.fragments, carver, &workspace, stream);
    return;
  }
  if (plan.streaming.fits()) {
    run_streaming_forward(call, outputs, plan.streaming, carver, &workspace, stream);
    return;
  }
  Products products(call, plan.engine, plan.groups);
  const EgruForwardScratch scratch = plan.carve(carver, call, outputs, products);
  require_bytes(carver, workspace);
  const int tiles = tacet::ceil_div(call.layer.units, kThreads);
  with_replicas(call, [&](auto replicas) {
    TACET_LAUNCH(start_kernel<decltype(replicas)::value>,
                 replica_grid(call, plan.groups.groups * plan.groups.shared * tiles), kThreads, 0,
                 stream, call, outputs, plan.groups, tiles, scratch);
  });
  if (plan.engine == EgruEngine::kPersistent) {
    run_persistent_forward(call, outputs, plan.groups, plan.shape, scratch, stream);
  } else {
    products.prepare(stream);
    run_steps(call, outputs, plan, products, scratch, stream);
  }
}

}  // namespace TACET_NS
