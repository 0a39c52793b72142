// Recurrent products of a forward pass whose weights are on a sparse pattern: rows of active units
// (EVENT) or by target (DENSE), for all of a pass.
#pragma once

#include "egru/engines.cuh"
#include "sparse/active_rows.h"
#include "sparse/by_target.h"

namespace TACET_NS {

/** Columns column .. column + columns - 1 of recurrent weights on a pattern. */
inline tacet::PatternValues recurrent_values(const EgruCall& call, int column, int columns) {
  return tacet::column_values(call.layer.pattern, call.layer.recurrent,
                              call.layer.gates_per_synapse(), column, columns);
}

class PatternProducts {
 public:
  /** @param events whether rows of active units are added */
  PatternProducts(const EgruCall& call, bool events) : call_(call), events_(events) {
    if (events) {
      shape_ = tacet::active_shape(call.layer.pattern, call.layer.gates_per_synapse());
    }
  }

  int parts() const {
    return events_ ? egru_row_parts(call_.sequence.batch * shape_.tiles, call_.layer.units) : 1;
  }

  void carve(tacet::Carver& carver) {
    if (events_) {
      pivots_ = tacet::carve_pivots(call_.layer.pattern, shape_, carver);
    } else {
      view_ = tacet::carve_by_target(all(), carver);
    }
  }

  /** What is the same in all steps. */
  void prepare(tacet::Stream stream) const {
    if (events_) {
      active_pivots(call_.layer.pattern, shape_, pivots_, stream);
    } else {
      by_target(all(), view_, stream);
    }
  }

  void run(const float* sent, const EgruForwardScratch& scratch, int first, int columns,
           tacet::Stream stream) const {
    const tacet::PatternValues values = recurrent_values(call_, first, columns);
    const int row = 3 * call_.layer.units;
    if (events_) {
      multiply_active({values, shape_, pivots_, sent, scratch.bits, call_.sequence.batch, parts(),
                       scratch.products, row},
                      stream);
    } else {
      multiply_by_target({view_, values.first, values.count, values.low, values.high, sent,
                          call_.sequence.batch, scratch.products, row, 0},
                         stream);
    }
  }

 private:
  tacet::PatternValues all() const { return recurrent_values(call_, 0, 3 * call_.layer.units); }

  const EgruCall& call_;
  bool events_;
  tacet::ActiveShape shape_{};
  int32_t* pivots_ = nullptr;
  tacet::ByTargetView view_{};
};

}  // namespace TACET_NS
