// Forward pass by events in one launch, or in a few where it has many steps; see streaming.cuh. A sequence
// of one step is one launch and nothing else.
//
// What units send is [units][samples], their event bits are [samples][words], both twice, for steps
// overlap; into the first step both are read where the caller has them, or if that is where the last step's
// events go, published like those of a step. What the others do not wait for, tape, outputs and the
// inputs of the next step, comes between arrival and wait. All state that one launch
// leaves to the next is in global memory, so results do not depend on where a launch ends.
// Bytes of a step from memory: 12 units a row of the union of the samples' events (6 with bfloat16), and
// the pointwise part as in forward.cu. Flops: 6 units a row and sample. Packing: 12 units^2 read, as many
// written (half with bfloat16), once a call.
#include "egru/choice.cuh"
#include "egru/streaming_product.cuh"

#include "common/mma.cuh"

namespace TACET_NS {

namespace {

constexpr int kPackingThreads = 256;

/** What lasts as long as the pass. */
struct StreamingScratch {
  /** [batch][units] */
  float* states;
  /** Packed ones, or null. */
  void* rows;
  /** [2][units][samples of a group] */
  float* sent;
  /** [2][batch][words] */
  uint32_t* bits;
  unsigned int* barrier;
};

/** A thread for the columns of a gate that lie side by side in 16 packed bytes. */
template <typename Weight>
__global__ void __launch_bounds__(kPackingThreads)
    pack_rows_kernel(const float* __restrict__ recurrent, int units, int each, int blocks, bool aligned,
                     Weight* __restrict__ packed) {
  constexpr int kColumns = kPieceColumns<Weight>;
  const int pieces = blocks * each / kColumns;
  const int64_t at = static_cast<int64_t>(blockIdx.x) * kPackingThreads + threadIdx.x;
  const int64_t row = at / pieces;
  const int source = static_cast<int>(row / 3);
  if (source >= units) {
    return;
  }
  const int gate = static_cast<int>(row - int64_t{3} * source);
  const int unit = static_cast<int>(at - row * pieces) * kColumns;
  const float* const from = recurrent + (static_cast<size_t>(source) * 3 + gate) * units + unit;
  float values[kColumns];
  if (aligned && unit + kColumns <= units) {
    load_values<kColumns>(from, values);
  } else {
#pragma unroll
    for (int c = 0; c < kColumns; c++) {
      values[c] = unit + c < units ? from[c] : 0.0f;
    }
  }
  uint32_t words[4];
#pragma unroll
  for (int w = 0; w < 4; w++) {
    if constexpr (sizeof(Weight) == sizeof(float)) {
      words[w] = __float_as_uint(values[w]);
    } else {
      words[w] = to_bfloat16_pair(values[2 * w], values[2 * w + 1]);
    }
  }
  const int block = unit / each;
  const size_t row_of_block = static_cast<size_t>(block) * units + source;
  Weight* const to = packed + (row_of_block * 3 + gate) * each + (unit - block * each);
  __stcg(reinterpret_cast<uint4*>(to), uint4{words[0], words[1], words[2], words[3]});
}

/** The units that a block owns, and how its warps go over them: 32 units of a sample at a time. */
struct StreamingPlace {
  int first;
  int owned;
  /** With those after the last unit that its event bits cover. */
  int covered;
  int items;

  __device__ StreamingPlace(const EgruCall& call, const StreamingShape& shape) {
    const int units = call.layer.units;
    first = static_cast<int>(blockIdx.x) * shape.each;
    owned = min(shape.each, units - first);
    covered = first + shape.each < units ? shape.each : 32 * event_words(call) - first;
    items = (covered + kWarpSize - 1) / kWarpSize * call.sequence.batch;
  }
};

/** A unit of the block's and a sample. */
struct StreamedUnit {
  /** Of the 32 units of an item, the first's number in the block. */
  int start;
  int n;
  /** In the block, and in the layer. */
  int unit;
  int i;
  bool real;

  __device__ __forceinline__ StreamedUnit(const EgruCall& call, const StreamingPlace& place, int item) {
    const int batch = call.sequence.batch;
    start = item / batch * kWarpSize;
    n = item % batch;
    unit = start + lane_id();
    i = place.first + unit;
    real = item < place.items && unit < place.owned;
  }
};

/** The pointwise part of a block. */
template <int kShared>
class StreamedUnits {
 public:
  /** @param counts of events, a unit's each, in shared memory */
  __device__ StreamedUnits(const EgruCall& call, const EgruOutputsView& out, const StreamingPlace& place,
                           const StreamingScratch& scratch, int* counts)
      : call_(call), out_(out), place_(place), scratch_(scratch), counts_(counts) {
#pragma unroll 1
    for (int unit = static_cast<int>(threadIdx.x); unit < place.owned; unit += kThreads) {
      counts_[unit] = 0;
    }
    const StreamedUnit own(call, place, warp_id());
    if (own.real) {
      constants_ = load_constants(call, own.i);
    }
  }

  /** States and traces before the first step. @param publishes whether what was sent is published too */
  __device__ void start(bool publishes) const {
#pragma unroll 1
    for (int item = warp_id(); item < place_.items; item += kWarps) {
      const StreamedUnit own(call_, place_, item);
      const float y = own.real ? start_unit(call_, out_, own.n, own.i, scratch_.states) : 0.0f;
      const uint32_t events = __ballot_sync(kFullWarp, y != 0.0f);
      if (publishes) {
        publish(0, own, y, events);
      }
    }
  }

  /** Prefetches the inputs of a step for the warp's first item. */
  __device__ __forceinline__ void load_ahead(int t) {
    const StreamedUnit own(call_, place_, warp_id());
    if (own.real) {
      ahead_ = load_inputs(call_, t, own.n, own.i, scratch_.states);
    }
  }

  /** Advances all units by a step and publishes what they send; store_last() comes after it. */
  template <typename Product>
  __device__ __forceinline__ void advance(int t, const Product& product) {
#pragma unroll 1
    for (int item = warp_id(); item < place_.items; item += kWarps) {
      const StreamedUnit own(call_, place_, item);
      last_ = UnitStep{};
      if (own.real) {
        const bool first = item < kWarps;
        last_ = step_unit(call_, t, own.n, own.i, first ? constants_ : load_constants(call_, own.i),
                          first ? ahead_ : load_inputs(call_, t, own.n, own.i, scratch_.states),
                          product.input(own.unit, own.n), 0.0f);
      }
      events_ = __ballot_sync(kFullWarp, last_.event);
      if (t + 1 < call_.sequence.steps) {
        publish(t + 1, own, last_.y, events_);
      }
      if (item + kWarps < place_.items) {
        store(t, own);
      }
    }
  }

  /** Writes what the warp's last item has come to. */
  __device__ __forceinline__ void store_last(int t) const {
    if (warp_id() < place_.items) {
      const int last = (place_.items - 1 - warp_id()) / kWarps * kWarps + warp_id();
      store(t, StreamedUnit(call_, place_, last));
    }
  }

  /** Adds the counts to the caller's; all threads call it, at the end. */
  __device__ void add_counts() const {
    __syncthreads();
#pragma unroll 1
    for (int unit = static_cast<int>(threadIdx.x); out_.counts != nullptr && unit < place_.owned;
         unit += kThreads) {
      out_.counts[place_.first + unit] += counts_[unit];
    }
  }

  /** What units have sent into a step. @param published whether that was published if it is the first */
  __device__ __forceinline__ StreamedEvents events_into(int t, bool published) const {
    return t > 0 || published ? StreamedEvents{sent_into(t), bits_into(t)}
                              : StreamedEvents{call_.sequence.y, nullptr};
  }

 private:
  static constexpr int kThreads = kStreamingThreads<kShared>;
  static constexpr int kWarps = kStreamingWarps<kShared>;

  __device__ __forceinline__ float* sent_into(int t) const {
    return scratch_.sent + static_cast<size_t>(t % 2) * call_.layer.units * kShared;
  }

  __device__ __forceinline__ uint32_t* bits_into(int t) const {
    return scratch_.bits + static_cast<size_t>(t % 2) * call_.sequence.batch * event_words(call_);
  }

  /** Lets all blocks see what an item sends into a step. */
  __device__ __forceinline__ void publish(int t, const StreamedUnit& own, float y,
                                          uint32_t events) const {
    if (own.real) {
      sent_into(t)[static_cast<size_t>(own.i) * kShared + own.n] = y;
    }
    store_bits(own, bits_into(t) + static_cast<size_t>(own.n) * event_words(call_), events);
  }

  /** Writes the event bits of an item, by bytes: a word may be of several blocks. */
  __device__ __forceinline__ void store_bits(const StreamedUnit& own, uint32_t* row,
                                             uint32_t events) const {
    const int byte = own.start / 8 + lane_id();
    if (lane_id() < 4 && byte < place_.covered / 8) {
      reinterpret_cast<uint8_t*>(row)[place_.first / 8 + byte] =
          static_cast<uint8_t>(events >> (8 * lane_id()));
    }
  }

  __device__ __forceinline__ void store(int t, const StreamedUnit& own) const {
    if (own.real) {
      store_unit(call_, out_, t, own.n, own.i, last_, scratch_.states);
      if (last_.event && out_.counts != nullptr) {
        atomicAdd(counts_ + own.unit, 1);
      }
    }
    if (call_.tape.h != nullptr) {
      store_bits(own, call_.tape.events + row_of(call_, t, own.n) * event_words(call_), events_);
    }
  }

  const EgruCall& call_;
  const EgruOutputsView& out_;
  const StreamingPlace& place_;
  const StreamingScratch& scratch_;
  int* counts_;
  UnitConstants constants_{};
  UnitInputs ahead_{};
  UnitStep last_{};
  uint32_t events_ = 0;
};

/** Steps first .. end - 1. */
template <int kShared, typename Weight>
__global__ void __launch_bounds__(kStreamingThreads<kShared>, 1)
    streaming_forward_kernel(const EgruCall call, const EgruOutputsView out, const StreamingShape shape,
                             int first, int end, const StreamingScratch scratch) {
  using Memory = StreamingMemory<kShared, Weight>;
  const int units = call.layer.units;
  const Memory memory(units, shape.each);
  TACET_DYNAMIC_SHARED(uint16_t, list, 0, kExpandUnits);
  TACET_DYNAMIC_SHARED(float, staged, Memory::kList, kStreamedValues);
  TACET_DYNAMIC_SHARED(float, partial, 0, Memory::kPartial / sizeof(float));
  TACET_DYNAMIC_SHARED(uint32_t, words, Memory::kWords, static_cast<size_t>(event_words(call)));
  TACET_DYNAMIC_SHARED(float, totals, memory.totals, static_cast<size_t>(kShared) * 3 * shape.each);
  TACET_DYNAMIC_SHARED(int, counts, memory.counts, static_cast<size_t>(shape.each));
  const StreamingPlace place(call, shape);
  StreamedProduct<kShared, Weight> product(call, shape, scratch.rows, place.first, place.owned, words,
                                           list, staged, partial, totals);
  StreamedUnits<kShared> owned(call, out, place, scratch, counts);
  GridBarrier barrier(scratch.barrier);
  if (first == 0) {
    owned.start(shape.in_place);
  }
  const bool publishes = first == 0 && shape.in_place;
  if (!publishes) {
    owned.load_ahead(first);
  }
#pragma unroll 1
  for (int t = publishes ? -1 : first; t < end; t++) {
    if (t >= 0) {
      product.run(owned.events_into(t, shape.in_place));
      owned.advance(t, product);
    }
    const bool meets = t + 1 < end;
    if (meets) {
      barrier.arrive();
    }
    if (t >= 0) {
      owned.store_last(t);
    }
    if (meets) {
      owned.load_ahead(t + 1);
      barrier.wait();
    }
  }
  owned.add_counts();
}

/** Calls `function` with the samples of a group and a number of the type of the weights. */
template <typename Function>
auto with_streamed(const EgruCall& call, const StreamingShape& shape, Function function) {
  return with_shared(packed_groups(call.sequence.batch).shared, [&](auto shared) {
    return shape.factors == tacet::Factors::kBfloat16 ? function(shared, uint16_t{})
                                                      : function(shared, float{});
  });
}

size_t shared_bytes(const EgruCall& call, const StreamingShape& shape) {
  return with_streamed(call, shape, [&](auto shared, auto weight) {
    return StreamingMemory<decltype(shared)::value, decltype(weight)>(call.layer.units, shape.each)
        .bytes;
  });
}

int most_blocks(const EgruCall& call, const StreamingShape& shape) {
  return with_streamed(call, shape, [&]([[maybe_unused]] auto shared, [[maybe_unused]] auto weight) {
    return TACET_MAX_COOPERATIVE_BLOCKS(
        (streaming_forward_kernel<decltype(shared)::value, decltype(weight)>),
        (kStreamingThreads<decltype(shared)::value>), shared_bytes(call, shape));
  });
}

/** What rules a layer out, whatever the device. */
EgruStepwise reason_of_call(const EgruCall& call) {
  const tacet::EgruLayerView& layer = call.layer;
  if (layer.streaming == tacet::EgruStreaming::kOff) {
    return EgruStepwise::kSwitchedOff;
  }
  if (layer.is_sparse()) {
    return EgruStepwise::kPattern;
  }
  if (layer.variant == EgruVariant::kPaper) {
    return EgruStepwise::kVariant;
  }
  if (!layer.events) {
    return EgruStepwise::kWithoutEvents;
  }
  if (layer.replicas > 1 || call.sequence.seeds != nullptr) {
    return EgruStepwise::kReplicas;
  }
  if (call.sequence.batch > kMostShared) {
    return EgruStepwise::kBatch;
  }
  const bool always = layer.streaming == tacet::EgruStreaming::kOn;
  return !always && layer.units < kStreamingLeastUnits ? EgruStepwise::kFewUnits : EgruStepwise::kNone;
}

StreamingScratch carve(const EgruCall& call, const EgruOutputsView& outputs, const StreamingShape& shape,
                       tacet::Carver& carver) {
  const size_t batch = call.sequence.batch;
  const size_t units = call.layer.units;
  StreamingScratch scratch{};
  scratch.states = outputs.last_h != nullptr ? outputs.last_h : carver.take<float>(batch * units);
  if (shape.packed) {
    scratch.rows = carver.take<char>(shape.packed_bytes(call.layer.units));
  }
  if (call.sequence.steps > 1 || shape.in_place) {
    scratch.sent = carver.take<float>(2 * packed_groups(call.sequence.batch).shared * units);
    scratch.bits = carver.take<uint32_t>(2 * batch * event_words(call));
  }
  scratch.barrier = carver.take<unsigned int>(1);
  return scratch;
}

template <typename Weight>
void pack_rows(const EgruCall& call, const StreamingShape& shape, void* rows, tacet::Stream stream) {
  const int units = call.layer.units;
  const int64_t pieces = int64_t{3} * units * shape.blocks * shape.each / kPieceColumns<Weight>;
  TACET_LAUNCH(pack_rows_kernel<Weight>,
               static_cast<unsigned int>(tacet::ceil_div(pieces, int64_t{kPackingThreads})),
               kPackingThreads, 0, stream, call.layer.recurrent, units, shape.each, shape.blocks,
               rows_are_aligned(call), static_cast<Weight*>(rows));
}

template <int kShared, typename Weight>
void run(const EgruCall& call, const EgruOutputsView& outputs, const StreamingShape& shape,
         const StreamingScratch& scratch, tacet::Stream stream) {
  if (shape.packed) {
    pack_rows<Weight>(call, shape, scratch.rows, stream);
  }
  const size_t bytes = shared_bytes(call, shape);
  const int steps = call.sequence.steps;
  for (int first = 0; first < steps;) {
    const int end = first + min(steps - first, call.layer.launch_steps);
    if (end - first > 1 || (first == 0 && shape.in_place)) {
      fill_bytes(scratch.barrier, 0, sizeof(unsigned int), stream);
      TACET_LAUNCH_COOPERATIVE((streaming_forward_kernel<kShared, Weight>), shape.blocks,
                               kStreamingThreads<kShared>, bytes, stream, call, outputs, shape, first,
                               end, scratch);
    } else {
      // Blocks that never wait for each other.
      TACET_LAUNCH((streaming_forward_kernel<kShared, Weight>), shape.blocks,
                   kStreamingThreads<kShared>, bytes, stream, call, outputs, shape, first, end, scratch);
    }
    first = end;
  }
}

}  // namespace

StreamingShape streaming_shape(const EgruCall& call) {
  StreamingShape shape;
  shape.reason = reason_of_call(call);
  if (shape.reason != EgruStepwise::kNone) {
    return shape;
  }
  const bool pays = packed_rows_pay(call);
  if (call.layer.factors == tacet::Factors::kBfloat16 && pays) {
    shape.factors = tacet::Factors::kBfloat16;
    shape.packed = true;
  } else if (!rows_are_aligned(call)) {
    shape.packed = true;
    if (!pays) {
      shape.reason = EgruStepwise::kRows;
      return shape;
    }
  }
  const int blocks = multiprocessor_count();
  shape.each = tacet::ceil_div(tacet::ceil_div(call.layer.units, blocks), kStreamingUnits) *
               kStreamingUnits;
  const int columns = shape.factors == tacet::Factors::kBfloat16 ? kPieceColumns<uint16_t>
                                                                 : kPieceColumns<float>;
  const int threads = with_shared(packed_groups(call.sequence.batch).shared, [](auto shared) {
    return kStreamingThreads<decltype(shared)::value>;
  });
  if (3 * shape.each / columns > threads ||
      shared_bytes(call, shape) > shared_limit() - kCollectivesShared) {
    shape.reason = EgruStepwise::kManyUnits;
    return shape;
  }
  const int needed = tacet::ceil_div(call.layer.units, shape.each);
  if (most_blocks(call, shape) < needed) {
    shape.reason = EgruStepwise::kResident;
    return shape;
  }
  shape.blocks = needed;
  return shape;
}

void run_streaming_forward(const EgruCall& call, const EgruOutputsView& outputs,
                           const StreamingShape& wanted, tacet::Carver& carver,
                           const tacet::Workspace* workspace, tacet::Stream stream) {
  StreamingShape shape = wanted;
  shape.in_place = outputs.last_y != nullptr && outputs.last_y == call.sequence.y;
  const StreamingScratch scratch = carve(call, outputs, shape, carver);
  if (workspace == nullptr) {
    return;
  }
  require_bytes(carver, *workspace);
  with_streamed(call, shape, [&](auto shared, auto weight) {
    run<decltype(shared)::value, decltype(weight)>(call, outputs, shape, scratch, stream);
  });
}

}  // namespace TACET_NS
