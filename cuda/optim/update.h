// Lists of arrays that are updated in one launch; the parameters are those of tacet_optim.h.
#pragma once

#include "common/declare.h"

namespace tacet {

/** Arrays of a list that go into one launch: as many as the parameters of a kernel have room for. */
constexpr int kListed = 32;

/** Elements of an array that a block takes. */
constexpr int64_t kListedElements = 1024;

/** A parameter that is updated. */
struct Update {
  float* parameter;
  float* gradient;
  float* first;
  float* second;
  int64_t count;
  float rate;
  float keep;
  float low;
  float high;
  /** Whether the gradient is set to 0 afterwards. */
  bool clears;
};

/** An array that is changed. */
struct ListedArray {
  float* values;
  int64_t count;
};

/** Some arrays of a list; block b of a launch belongs to the last of them with starts[k] <= b. */
template <typename Item>
struct List {
  Item items[kListed];
  int starts[kListed];
  int count;
};

/** Constants of one Adam update of all parameters. */
struct AdamStep {
  float beta1;
  float beta2;
  /** sqrt(1 - beta2^step). */
  float unbias;
  float epsilon;
  /** Gradients are first brought into [-clip, clip]; infinity for none. */
  float clip;
};

/** Partial sums of the squares of an array at most. */
constexpr int kSquaresParts = 256;

/** What goes before them: the sum of all squares, and the factor of a clipped norm. */
constexpr int kSquaresResults = 2;

}  // namespace tacet

TACET_DECLARE(
    void adam(const tacet::Update* updates, int64_t count, const tacet::AdamStep& step,
              tacet::Stream stream);
    void sgd(const tacet::Update* updates, int64_t count, float momentum, tacet::Stream stream);
    void scale(float* values, int64_t count, float factor, tacet::Stream stream);
    void zero(const tacet::ListedArray* arrays, int64_t count, tacet::Stream stream);
    void sum_of_squares(const tacet::ListedArray* arrays, int64_t count, double* sums,
                        tacet::Stream stream);
    void clip_norm(const tacet::ListedArray* arrays, int64_t count, double most, double* sums,
                   tacet::Stream stream););
