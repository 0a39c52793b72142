// tacet_rewire.h: structures of the C ABI become the views that kernels take.
#include "rewire/rewire.h"

#include "dispatch.h"
#include "float_bits.h"
#include "tacet_rewire.h"

using tacet::CompanionsView;
using tacet::DrawKey;
using tacet::FactorsView;
using tacet::float_of;
using tacet::narrowed;
using tacet::require;
using tacet::WiringView;
using tacet::workspace_of;

static_assert(sizeof(tacet_wiring) == 8 * TACET_WIRING_WORDS &&
                  sizeof(tacet_companion) == 8 * TACET_COMPANION_WORDS &&
                  sizeof(tacet_factors) == 8 * TACET_FACTORS_WORDS,
              "structures are arrays of 64-bit words");
static_assert(TACET_MOST_COMPANIONS == tacet::kMostCompanions &&
                  TACET_MOST_VALUES == tacet::kMostValues,
              "the numbers of C and C++ agree");

namespace {

WiringView view(const tacet_wiring* wiring) {
  require(wiring != nullptr, "wiring: expected an address, got null");
  WiringView w{};
  w.sources = narrowed(wiring->sources, 1, "sources");
  w.targets = narrowed(wiring->targets, 1, "targets");
  w.values = narrowed(wiring->values, 1, "values");
  require(w.values <= TACET_MOST_VALUES, "values: expected 1 to 4");
  w.copies = wiring->repeated != 0 ? w.values : 1;
  w.places = narrowed(wiring->places, 1, "places");
  w.offsets = wiring->offsets;
  w.indices = wiring->indices;
  w.narrow = wiring->index_bytes == 2;
  return w;
}

CompanionsView view(const tacet_companion* companions, int64_t count) {
  require(companions != nullptr && count >= 1 && count <= TACET_MOST_COMPANIONS,
          "companions: expected 1 to 16");
  CompanionsView all{};
  all.count = static_cast<int>(count);
  for (int c = 0; c < all.count; c++) {
    all.arrays[c] = companions[c].array;
    all.laws[c] = narrowed(companions[c].law, TACET_CONSTANT, "law");
    all.first[c] = float_of(companions[c].first);
    all.second[c] = float_of(companions[c].second);
  }
  return all;
}

FactorsView view(const tacet_factors* factors, const WiringView& wiring) {
  require(factors != nullptr, "factors: expected an address, got null");
  FactorsView f{factors->sent,
                factors->first,
                factors->errors,
                narrowed(factors->pairs, 1, "pairs"),
                narrowed(factors->lag, 0, "lag"),
                narrowed(factors->parts, 1, "parts")};
  require(f.lag <= f.pairs, "lag: expected at most the number of pairs");
  require(wiring.values > 1 ? f.parts == 1 || f.parts == wiring.values
                            : wiring.targets % f.parts == 0,
          "parts: expected 1, or one for each value, or parts of targets");
  return f;
}

int absent_count(int64_t count) {
  const int least = narrowed(count, 1, "count");
  require(least <= 1 << 30, "count: expected at most 2^30");
  return least;
}

DrawKey key_of(int64_t seed, int step) {
  return {static_cast<uint64_t>(seed), static_cast<uint32_t>(step)};
}

}  // namespace

int tacet_rewire_mark_bytes(tacet_context* context, const tacet_wiring* wiring,
                            tacet_value* bytes) {
  size_t needed = 0;
  const int status = TACET_DISPATCH(context, rewire_mark_bytes, view(wiring), &needed);
  if (status == TACET_OK && bytes != nullptr) {
    *bytes = static_cast<tacet_value>(needed);
  }
  return status;
}

int tacet_rewire_mark(tacet_context* context, const tacet_wiring* wiring, const float* values,
                      int64_t count, int only_marked, uint16_t* marks, void* workspace,
                      int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, rewire_mark, view(wiring), values, narrowed(count, 0, "count"),
                        only_marked != 0, marks, workspace_of(workspace, workspace_bytes), stream);
}

int tacet_rewire_walk(tacet_context* context, const tacet_wiring* wiring, float* weights,
                      const float* signs, float drift, float noise, int64_t seed, int step,
                      uint16_t* marks, int32_t* marked, void* stream) {
  return TACET_DISPATCH(context, rewire_walk, view(wiring), weights, signs, drift, noise,
                        key_of(seed, step), marks, marked, stream);
}

int tacet_rewire_absent_bytes(tacet_context* context, const tacet_wiring* wiring, int64_t count,
                              tacet_value* bytes) {
  size_t needed = 0;
  const int status = TACET_DISPATCH(context, rewire_absent_bytes, view(wiring),
                                    absent_count(count), &needed);
  if (status == TACET_OK && bytes != nullptr) {
    *bytes = static_cast<tacet_value>(needed);
  }
  return status;
}

int tacet_rewire_absent(tacet_context* context, const tacet_wiring* wiring, const uint16_t* marks,
                        const tacet_factors* factors, int64_t count, int32_t* found,
                        void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, rewire_absent, view(wiring), tacet::optional(marks), view(factors,
                        view(wiring)),
                        absent_count(count), found, workspace_of(workspace, workspace_bytes),
                        stream);
}

int tacet_rewire_replace_bytes(tacet_context* context, const tacet_wiring* wiring,
                               int64_t companions, int64_t grow, tacet_value* bytes) {
  size_t needed = 0;
  const int status =
      TACET_DISPATCH(context, rewire_replace_bytes, view(wiring),
                     narrowed(companions, 1, "companions"), narrowed(grow, 0, "grow"), &needed);
  if (status == TACET_OK && bytes != nullptr) {
    *bytes = static_cast<tacet_value>(needed);
  }
  return status;
}

int tacet_rewire_replace(tacet_context* context, const tacet_wiring* wiring,
                         const tacet_companion* companions, int64_t count, uint16_t* marks,
                         int64_t left, int64_t grow, const int32_t* pairs, int64_t seed, int step,
                         void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, rewire_replace, view(wiring), view(companions, count), marks,
                        narrowed(left, 0, "left"), narrowed(grow, 0, "grow"),
                        tacet::optional(pairs),
                        key_of(seed, step), workspace_of(workspace, workspace_bytes), stream);
}
