// The activation that a number of the ABI means.
#pragma once

#include "dense/dense.h"
#include "dispatch.h"
#include "tacet_dense.h"

namespace tacet {

inline Activation activation_of(int number) {
  require(number >= TACET_IDENTITY && number <= TACET_SIGMOID,
          "activation: expected TACET_IDENTITY, TACET_TANH, TACET_RELU or TACET_SIGMOID");
  return static_cast<Activation>(number);
}

}  // namespace tacet
