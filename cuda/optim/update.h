// Parameter updates; the parameters are those of tacet_optim.h.
#pragma once

#include "common/declare.h"

namespace tacet {

/** Constants of one Adam update with the bias corrections folded in. */
struct AdamStep {
  float beta1;
  float beta2;
  /** 1 - rate * weight decay. */
  float keep;
  /** rate / (1 - beta1^step). */
  float rate;
  /** sqrt(1 - beta2^step). */
  float unbias;
  float epsilon;
  /** Gradients are first brought into [-clip, clip]; infinity for none. */
  float clip;
};

/** Partial sums of sum_of_squares. */
constexpr int kSquaresParts = 1024;

}  // namespace tacet

TACET_DECLARE(
    void adam(float* parameter, const float* gradient, float* first, float* second, int64_t count,
              const tacet::AdamStep& step, tacet::Stream stream);
    void sgd(float* parameter, const float* gradient, float* velocity, int64_t count, float rate,
             float momentum, float decay, tacet::Stream stream);
    void clamp(float* parameter, int64_t count, float low, float high, tacet::Stream stream);
    void scale(float* values, int64_t count, float factor, tacet::Stream stream);
    void sum_of_squares(const float* values, int64_t count, double* sums, tacet::Stream stream););
