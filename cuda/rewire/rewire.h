// Rewiring of sparse patterns; see tacet_rewire.h.
#pragma once

#include "common/declare.h"
#include "common/workspace.h"

namespace tacet {

/** Most arrays that move with the synapses, and most values of a synapse in each. */
constexpr int kMostCompanions = 16;
constexpr int kMostValues = 4;

/** Keeps the counters of each kind of random draw apart: word 3 of Philox. */
constexpr uint32_t kPermutationDomain = 16;
constexpr uint32_t kNoiseDomain = 17;
constexpr uint32_t kInitialDomain = 18;

/** A pattern whose rows hold each synapse `copies` times, side by side: value by value. */
struct WiringView {
  int sources;
  /** Different targets. */
  int targets;
  /** Values of a synapse. */
  int values;
  /** Values, or 1: where values of a synapse are next to one another. */
  int copies;
  int places;
  /** Of the copies. */
  int32_t* offsets;
  void* indices;
  bool narrow;
};

/** What moves with the synapses. */
struct CompanionsView {
  int count;
  float* arrays[kMostCompanions];
  int laws[kMostCompanions];
  float first[kMostCompanions];
  float second[kMostCompanions];
};

/** What gradients are made of; see tacet_factors. */
struct FactorsView {
  const float* sent;
  /** Null for zeros. */
  const float* first;
  const float* errors;
  int pairs;
  int lag;
  int parts;
};

/** Draws of a step. */
struct DrawKey {
  uint64_t seed;
  uint32_t step;
};

}  // namespace tacet

TACET_DECLARE(
    void rewire_mark_bytes(const tacet::WiringView& wiring, size_t* bytes);

    void rewire_mark(const tacet::WiringView& wiring, const float* values, int count,
                     bool only_marked, uint16_t* marks, const tacet::Workspace& workspace,
                     tacet::Stream stream);

    void rewire_walk(const tacet::WiringView& wiring, float* weights, const float* signs, float drift,
                     float noise, const tacet::DrawKey& key, uint16_t* marks, int32_t* marked,
                     tacet::Stream stream);

    void rewire_absent_bytes(const tacet::WiringView& wiring, int count, size_t* bytes);

    void rewire_absent(const tacet::WiringView& wiring, const uint16_t* marks,
                       const tacet::FactorsView& factors, int count, int32_t* found,
                       const tacet::Workspace& workspace, tacet::Stream stream);

    void rewire_replace_bytes(const tacet::WiringView& wiring, int companions, int grow,
                              size_t* bytes);

    void rewire_replace(const tacet::WiringView& wiring, const tacet::CompanionsView& companions,
                        uint16_t* marks, int left, int grow, const int32_t* pairs,
                        const tacet::DrawKey& key, const tacet::Workspace& workspace,
                        tacet::Stream stream););
