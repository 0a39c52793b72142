// How a pass on tensor cores divides a layer, and which of its kernels runs, for both directions.
#pragma once

#include "egru/resident_fragments.cuh"

namespace TACET_NS {

/** Calls `function` with the tiles of a warp and whether factors are two bfloat16, as constants. */
template <typename Function>
auto with_fragments(const EgruCall& call, Function function) {
  const int steps = tacet::ceil_div(call.layer.units, kFragmentUnits * kFragmentWarps);
  if (call.layer.factors == tacet::Factors::kBfloat16x3) {
    return steps <= 1   ? function(std::integral_constant<int, 1>(), std::true_type())
           : steps <= 2 ? function(std::integral_constant<int, 2>(), std::true_type())
                        : function(std::integral_constant<int, 4>(), std::true_type());
  }
  return steps <= 1   ? function(std::integral_constant<int, 1>(), std::false_type())
         : steps <= 2 ? function(std::integral_constant<int, 2>(), std::false_type())
         : steps <= 4 ? function(std::integral_constant<int, 4>(), std::false_type())
                      : function(std::integral_constant<int, 8>(), std::false_type());
}

/** Bytes of weights in shared memory. */
inline size_t kept_bytes(const EgruCall& call) {
  return with_fragments(call, [](auto steps, auto split) {
    return sizeof(uint4) * kFragmentsKept<decltype(steps)::value, decltype(split)::value> *
           kPersistentThreads;
  });
}

/** Groups whose sums a block has room for. */
template <bool kBackward>
int most_together(const EgruCall& call) {
  const size_t room = shared_limit() - kFragmentOtherShared<kBackward> - kept_bytes(call);
  return min(kFragmentMostGroups, static_cast<int>(room / (sizeof(float) * kFragmentSums<kBackward>)));
}

/** Dynamic shared memory of a block with so many groups. */
template <bool kBackward>
size_t most_fragment_bytes(const EgruCall& call) {
  return sizeof(float) * kFragmentSums<kBackward> * most_together<kBackward>(call) + kept_bytes(call);
}

/** Units of a layer at most, by the registers that its weights take. */
inline int most_fragment_units(tacet::Factors factors) {
  switch (factors) {
    case tacet::Factors::kBfloat16:
      return 2048;
    case tacet::Factors::kBfloat16x3:
      return 1024;
    default:
      return 0;
  }
}

/** Groups of samples are rows of a grid, of which there are at most so many. */
constexpr int kMostFragmentGroups = 65535;

/** Whether registers hold a layer's weights as fragments, and its steps are one product each. */
inline bool fragments_hold(const EgruCall& call) {
  return tacet::ceil_div(call.sequence.batch, kFragmentSamples) <= kMostFragmentGroups &&
         call.layer.variant != EgruVariant::kPaper && !call.layer.is_sparse() &&
         call.layer.units <= most_fragment_units(call.layer.factors);
}

/** The division of a layer that they hold; no blocks if the device does not run them. */
template <bool kBackward>
FragmentShape fragment_shape(const EgruCall& call, MostTeams most_teams) {
  FragmentShape shape{};
  shape.groups = tacet::ceil_div(call.sequence.batch, kFragmentSamples);
  const int blocks = tacet::ceil_div(call.layer.units, kFragmentUnits);
  const auto fits = [&](int teams, bool cluster) {
    shape.blocks = with_teams(call, {kFragmentUnits, blocks, teams, cluster}, most_teams);
    if (shape.fits()) {
      shape.together =
          min(tacet::ceil_div(shape.groups, shape.blocks.teams), most_together<kBackward>(call));
      shape.kept = kept_bytes(call);
    }
    return shape.fits();
  };
  if (call.layer.clusters != tacet::EgruClusters::kOff && blocks <= kPersistentMostCluster &&
      fits(shape.groups, true)) {
    return shape;
  }
  if (call.layer.clusters != tacet::EgruClusters::kOn) {
    fits(max(min(shape.groups, multiprocessor_count() / blocks), 1), false);
  }
  return shape;
}

}  // namespace TACET_NS
