// tacet_optim.h: structures of the C ABI become the lists that kernels take.
#include "optim/update.h"

#include <vector>

#include "dispatch.h"
#include "float_bits.h"
#include "tacet_optim.h"

using tacet::float_of;
using tacet::ListedArray;
using tacet::require;
using tacet::Update;

static_assert(sizeof(tacet_update) == 8 * TACET_UPDATE_WORDS &&
                  sizeof(tacet_array) == 8 * TACET_ARRAY_WORDS,
              "structures are arrays of 64-bit words");
static_assert(TACET_LISTED == tacet::kListed && TACET_SQUARES_PARTS == tacet::kSquaresParts &&
                  TACET_SQUARES_RESULTS == tacet::kSquaresResults,
              "the numbers of C and C++ agree");

namespace {

/** More would be a mistake: the sums of as many would not fit a launch. */
constexpr int64_t kMostArrays = 1 << 20;

std::vector<Update> views(const tacet_update* updates, int64_t count) {
  require(updates != nullptr && count >= 1 && count <= kMostArrays,
          "updates: expected 1 to 1048576 of them");
  std::vector<Update> all;
  for (int64_t k = 0; k < count; k++) {
    const tacet_update& u = updates[k];
    all.push_back({u.parameter, u.gradient, u.first, u.second, u.count, float_of(u.rate),
                   float_of(u.keep), float_of(u.low), float_of(u.high), u.clears != 0});
    TACET_INSPECT(u.parameter, u.gradient, tacet::optional(u.first), tacet::optional(u.second));
  }
  return all;
}

std::vector<ListedArray> views(const tacet_array* arrays, int64_t count) {
  require(arrays != nullptr && count >= 1 && count <= kMostArrays,
          "arrays: expected 1 to 1048576 of them");
  std::vector<ListedArray> all;
  for (int64_t k = 0; k < count; k++) {
    all.push_back({arrays[k].values, arrays[k].count});
    TACET_INSPECT(arrays[k].values);
  }
  return all;
}

}  // namespace

int tacet_adam(tacet_context* context, const tacet_update* updates, int64_t count, float beta1,
               float beta2, float unbias, float epsilon, float clip, void* stream) {
  const tacet::AdamStep step{beta1, beta2, unbias, epsilon, clip};
  return TACET_DISPATCH(context, adam, views(updates, count).data(), count, step, stream);
}

int tacet_sgd(tacet_context* context, const tacet_update* updates, int64_t count, float momentum,
              void* stream) {
  return TACET_DISPATCH(context, sgd, views(updates, count).data(), count, momentum, stream);
}

int tacet_scale(tacet_context* context, float* values, int64_t count, float factor, void* stream) {
  return TACET_DISPATCH(context, scale, values, count, factor, stream);
}

int tacet_zero(tacet_context* context, const tacet_array* arrays, int64_t count, void* stream) {
  return TACET_DISPATCH(context, zero, views(arrays, count).data(), count, stream);
}

int tacet_sum_of_squares(tacet_context* context, const tacet_array* arrays, int64_t count,
                         double* sums, void* stream) {
  return TACET_DISPATCH(context, sum_of_squares, views(arrays, count).data(), count, sums, stream);
}

int tacet_clip_norm(tacet_context* context, const tacet_array* arrays, int64_t count, double most,
                    double* sums, void* stream) {
  return TACET_DISPATCH(context, clip_norm, views(arrays, count).data(), count, most, sums,
                        stream);
}
