// tacet_propagate.h: structures of the C ABI become the views that kernels take.
#include "propagate/propagate.h"

#include <algorithm>
#include <cstring>

#include "dispatch.h"
#include "rows_view.h"
#include "tacet_propagate.h"

using tacet::Format;
using tacet::ForwardShape;
using tacet::narrowed;
using tacet::require;
using tacet::RowsView;
using tacet::Sums;

static_assert(sizeof(tacet_rows) == 8 * TACET_ROWS_WORDS &&
                  sizeof(tacet_lists) == 8 * TACET_LISTS_WORDS &&
                  sizeof(tacet_slots) == 8 * TACET_SLOTS_WORDS,
              "structures are arrays of 64-bit words");
static_assert(TACET_DENSE == static_cast<int>(Format::kDense) &&
                  TACET_PROCEDURAL == static_cast<int>(Format::kProcedural) &&
                  TACET_SUMS_INT32 == static_cast<int>(Sums::kInt32),
              "the numbers of C and C++ agree");

namespace {

float as_float(int64_t bits) {
  const auto low = static_cast<uint32_t>(bits);
  float value;
  std::memcpy(&value, &low, sizeof value);
  return value;
}

RowsView view(const tacet_rows* r) {
  require(r != nullptr, "rows: expected an address, got null");
  require(r->format >= TACET_DENSE && r->format <= TACET_PROCEDURAL,
          "format: expected TACET_DENSE to TACET_PROCEDURAL");
  RowsView v{};
  v.weights = r->weights;
  v.offsets = r->offsets;
  v.indices = r->indices;
  v.pivots = r->pivots;
  v.partials = r->partials;
  v.format = static_cast<Format>(r->format);
  v.sources = narrowed(r->sources, 1, "sources");
  v.targets = narrowed(r->targets, 1, "targets");
  v.narrow = r->index_bytes == 2;
  v.length = narrowed(r->row_length, 0, "row_length");
  while (v.format == Format::kBlocks && 1 << v.shift < v.length && v.shift < 30) {
    v.shift++;
  }
  v.mean = static_cast<int>(std::clamp<int64_t>(r->count / r->sources, 1, r->targets));
  v.shape = {narrowed(r->width, 0, "width"), narrowed(r->tiles, 0, "tiles"),
             narrowed(r->warps, 0, "warps"), narrowed(r->parts, 0, "parts")};
  v.multiprocessors = narrowed(r->multiprocessors, 0, "multiprocessors");
  require(r->sums == TACET_SUMS_FLOAT32 || r->sums == TACET_SUMS_INT32,
          "sums: expected TACET_SUMS_FLOAT32 or TACET_SUMS_INT32");
  v.sums = static_cast<Sums>(r->sums);
  v.count = r->count;
  v.seed = static_cast<uint64_t>(r->seed);
  v.stratum = static_cast<uint64_t>(r->stratum);
  v.law = static_cast<int>(r->law);
  v.first = as_float(r->first);
  v.second = as_float(r->second);
  return v;
}

tacet::ListsView view(const tacet_lists* e) {
  require(e != nullptr, "lists: expected an address, got null");
  return {e->counts, e->units,
          e->values, e->bitmap,
          narrowed(e->batch, 1, "batch"), narrowed(e->capacity, 1, "capacity")};
}

tacet::SlotsView view(const tacet_slots* s) {
  require(s != nullptr, "slots: expected an address, got null");
  return {s->values, s->delays, s->per_synapse != 0, narrowed(s->slots, 1, "slots"),
          narrowed(s->slot, 0, "slot")};
}

bool has_lists(const RowsView& rows) {
  return rows.format == Format::kCsr || rows.format == Format::kFanOut;
}

RowsView shaped(const tacet_rows* rows) {
  const RowsView v = view(rows);
  require(v.shape.tiles >= 1 && v.shape.parts >= 1,
          "rows: expected the shape of tacet_propagate_shape");
  require(v.sums == Sums::kFloat32 || has_lists(v),
          "sums: expected TACET_SUMS_FLOAT32 for rows without lists of targets");
  return v;
}

/** Targets that hold so many synapses of a row on average, in whole blocks of 64. */
int width_of(const RowsView& rows, int synapses, int least, int most) {
  const int64_t wanted = static_cast<int64_t>(rows.targets) * synapses / rows.mean;
  const int64_t width = std::clamp<int64_t>(wanted, least, most);
  return static_cast<int>(
      tacet::ceil_div(std::min<int64_t>(width, rows.targets), int64_t{64}) * 64);
}

/** Why sums are not integers. */
tacet_sums_reason reason_of(const RowsView& rows, bool delayed) {
  return rows.sums == Sums::kFloat32 ? TACET_SUMS_REASON_NOT_ASKED
         : !has_lists(rows)          ? TACET_SUMS_REASON_FORMAT
         : delayed                   ? TACET_SUMS_REASON_DELAYS
                                     : TACET_SUMS_REASON_NONE;
}

/** Of integers: a tile is shared by the warps of a block. */
ForwardShape integer_shape(const RowsView& rows, int batch, const int64_t* info) {
  constexpr int kWarps = 16;
  constexpr int kRowsAtOnce = 64;
  constexpr int kActivity = 20;  // a twentieth of the sources, where nothing says how many
  // Half of a multiprocessor's memory, so that two blocks fit; the rest is what they need besides.
  const auto room = static_cast<int>(info[TACET_INFO_SHARED_PER_BLOCK] / 2 - 2048) / 4 / 64 * 64;
  const int width = width_of(rows, 64, 1024, room);
  const int tiles = tacet::ceil_div(rows.targets, width);
  // Two blocks per multiprocessor, but two events for each sub-warp, and partial sums, which are
  // written and read, at most twice the bytes of the rows.
  const int64_t wanted =
      tacet::ceil_div<int64_t>(2 * info[TACET_INFO_MULTIPROCESSORS], int64_t{tiles} * batch);
  const int64_t useful = rows.sources / (2 * kRowsAtOnce * kActivity);
  const int64_t paid = (rows.narrow ? 6 : 8) * rows.count / (4 * kActivity) / rows.targets;
  const int64_t parts = std::clamp<int64_t>(std::min({wanted, useful, paid}), 1, 32);
  return {width, tiles, kWarps, static_cast<int>(parts)};
}

ForwardShape shape_of(const RowsView& rows, int batch, bool delayed, int multiprocessors) {
  if (delayed) {
    // A warp reads 32 synapses at once and walks alone, so tiles are narrow.
    const int width = width_of(rows, 16, 64, rows.targets);
    return {width, tacet::ceil_div(rows.targets, width), 8, 1};
  }
  int width = 128;
  int warps = 8;
  if (rows.format != Format::kDense) {
    // 64 KB of shared memory, which every GPU has: fewer copies where a tile has to be wide.
    constexpr int kFloats = 16384;
    width = width_of(rows, 32, 512, kFloats);
    warps = std::clamp(kFloats / width, 1, 8);
  }
  const int tiles = tacet::ceil_div(rows.targets, width);
  // Two blocks per multiprocessor, but a few events for each warp if all sources are active.
  const int64_t wanted = tacet::ceil_div<int64_t>(2 * multiprocessors, int64_t{tiles} * batch);
  const int64_t useful = tacet::ceil_div(rows.sources, 4 * warps);
  return {width, tiles, warps, static_cast<int>(std::clamp<int64_t>(std::min(wanted, useful), 1, 32))};
}

}  // namespace

RowsView tacet::shaped_rows(const tacet_rows* rows) { return shaped(rows); }

tacet::SlotsView tacet::slots_view(const tacet_slots* slots) { return view(slots); }

int tacet_propagate_shape(tacet_context* context, const tacet_rows* rows, int batch, int delayed,
                          tacet_value* shape) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime& runtime) {
    require(shape != nullptr, "shape: expected an address, got null");
    int64_t info[TACET_INFO_COUNT];
    runtime.info(info);
    const int multiprocessors = static_cast<int>(info[TACET_INFO_MULTIPROCESSORS]);
    const RowsView asked = view(rows);
    const int samples = narrowed(batch, 1, "batch");
    const tacet_sums_reason reason = reason_of(asked, delayed != 0);
    const bool integers = reason == TACET_SUMS_REASON_NONE;
    const ForwardShape found = integers ? integer_shape(asked, samples, info)
                                        : shape_of(asked, samples, delayed != 0, multiprocessors);
    shape[0] = found.width;
    shape[1] = found.tiles;
    shape[2] = found.warps;
    shape[3] = found.parts;
    shape[4] = multiprocessors;
    shape[5] = integers ? TACET_SUMS_INT32 : TACET_SUMS_FLOAT32;
    shape[6] = reason;
  });
}

int tacet_propagate_pivots(tacet_context* context, const tacet_rows* rows, void* stream) {
  return TACET_DISPATCH(context, pivots, shaped(rows), rows->pivots, stream);
}

int tacet_propagate_forward(tacet_context* context, const tacet_rows* rows,
                            const tacet_lists* lists, const tacet_slots* target, int deterministic,
                            void* stream) {
  return TACET_DISPATCH(context, forward, shaped(rows), view(lists), view(target),
                        deterministic != 0, stream);
}

int tacet_propagate_transposed(tacet_context* context, const tacet_rows* rows,
                               const tacet_lists* lists, const tacet_slots* adjoint, float* sums,
                               void* stream) {
  return TACET_DISPATCH(context, transposed, shaped(rows), view(lists), view(adjoint), sums, stream);
}

int tacet_propagate_gradient(tacet_context* context, const tacet_rows* rows,
                             const tacet_lists* lists, const tacet_slots* adjoint, float* gradient,
                             void* stream) {
  return TACET_DISPATCH(context, weight_gradient, shaped(rows), view(lists), view(adjoint), gradient,
                        stream);
}

int tacet_propagate_take(tacet_context* context, float* slot, float* currents, int64_t count,
                         void* stream) {
  return TACET_DISPATCH(context, take, slot, currents, count, stream);
}
