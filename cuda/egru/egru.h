// Launchers of event-gated recurrent units and their arguments; see tacet_egru.h. Plain C++.
#pragma once

#include <cmath>

#include "common/workspace.h"
#include "dense/dense.h"
#include "sparse/pattern.h"

namespace tacet {

enum class EgruVariant : int { kCellResetAfter = 0, kPaper = 1 };

enum class EgruEngine : int { kAuto = 0, kEvent = 1, kDense = 2, kPersistent = 3 };

/** Whether the teams of the persistent engine are clusters. */
enum class EgruClusters : int { kAuto = 0, kOn = 1, kOff = 2 };

/** Whether the engine EVENT is one launch where it can be: of many units, of any number, never. */
enum class EgruStreaming : int { kAuto = 0, kOn = 1, kOff = 2 };

/** Why the engine EVENT launches each step on its own. */
enum class EgruStepwise : int {
  /** It does not, or another engine runs. */
  kNone = 0,
  kSwitchedOff = 1,
  kPattern = 2,
  kVariant = 3,
  kWithoutEvents = 4,
  kReplicas = 5,
  kBatch = 6,
  kFewUnits = 7,
  /** Rows do not begin at 16 bytes, and too few of them are read to pay for packing all. */
  kRows = 8,
  kManyUnits = 9,
  kResident = 10
};

struct EgruLayerView {
  /** [units][3 units]; on a pattern, [places][3] if gates share it, else [places]. */
  const float* recurrent;
  const float* input_bias;
  const float* recurrent_bias;
  const float* thresholds;
  int units;
  EgruVariant variant;
  bool events;
  EgruEngine engine;
  float zoneout;
  /** A random word keeps the state if its upper 24 bits are below this. */
  uint32_t zoneout_limit;
  float gamma;
  float sharpness;
  float trace_decay;
  /** Largest size of the arguments of sigmoid and tanh. */
  float clip = INFINITY;
  /** How far sigmoid gets from a half within it, and tanh from 0: what a cut argument gives. */
  float gate_reach = INFINITY;
  float candidate_reach = INFINITY;
  EgruClusters clusters = EgruClusters::kAuto;
  /** Maximum number of steps per launch of the persistent engine. */
  int launch_steps = 1 << 30;
  /** Of the recurrent weights, with units targets that gates share, or 3 units. */
  PatternView pattern = {};
  /** Layers of one shape that are computed at once: every array is theirs one after the other. */
  int replicas = 1;
  /** Of recurrent products and of the gradient of dense recurrent weights. */
  Factors factors = Factors::kFloat32;
  EgruStreaming streaming = EgruStreaming::kAuto;

  bool is_sparse() const { return !pattern.is_dense(); }

  /** Recurrent weights of a synapse of the pattern. */
  int gates_per_synapse() const { return pattern.targets == units ? 3 : 1; }
};

struct EgruSequenceView {
  /** [steps][batch][3 units] */
  const float* currents;
  const int32_t* lengths;
  /** Events and states before the first step, [batch][units], or null. */
  const float* y;
  const float* h;
  int steps;
  int batch;
  bool training;
  uint64_t seed;
  /** Whether each sample goes from its last step to its first; arrays stay in the order of time. */
  bool reversed;
  /** Fraction of units with an event in a step that is expected; below 0 if nothing is known. */
  float activity = -1.0f;
  /** Of each replica the lower and the upper half, in place of the seed; or null. */
  const uint32_t* seeds = nullptr;
};

struct EgruOutputsView {
  /** [steps][batch] rows of units, y_stride apart. */
  float* y;
  /** [batch] rows, trace_stride apart. */
  float* trace;
  float* last_y;
  float* last_h;
  int32_t* counts;
  size_t y_stride;
  size_t trace_stride;
};

/** What a backward pass needs; h is null without a tape. */
struct EgruTapeView {
  float* h;
  /** float32, or bfloat16 if compact. */
  void* z;
  void* r;
  void* g;
  /** Null where the backward pass computes it again. */
  void* q;
  uint32_t* events;
  bool compact;
};

struct EgruErrorsView {
  const float* y;
  const float* trace;
  const float* last_y;
  const float* last_h;
  const float* rate;
  /** As those of the outputs. */
  size_t y_stride;
  size_t trace_stride;
};

struct EgruGradientsView {
  float* currents;
  float* recurrent;
  float* input_bias;
  float* recurrent_bias;
  float* thresholds;
  float* initial_y;
  float* initial_h;
};

/** How a pass runs. */
struct EgruPassPlan {
  EgruEngine engine;
  /**
   * Of the persistent engine, and of EVENT in one launch, else 0: whether teams are clusters, their
   * number, and their blocks.
   */
  bool clusters;
  int teams;
  int blocks;
  /** Of the recurrent products. */
  Factors factors = Factors::kFloat32;
  EgruStepwise stepwise = EgruStepwise::kNone;
};

/** What forward and backward pass have in common. */
struct EgruCall {
  EgruLayerView layer;
  EgruSequenceView sequence;
  EgruTapeView tape;
};

}  // namespace tacet

TACET_DECLARE(
    tacet::EgruEngine egru_engine(const tacet::EgruCall& call);
    void egru_plan(const tacet::EgruCall& call, tacet::EgruPassPlan* forward,
                   tacet::EgruPassPlan* backward);
    void egru_forward_bytes(const tacet::EgruCall& call, const tacet::EgruOutputsView& outputs,
                            size_t* bytes);
    void egru_forward(const tacet::EgruCall& call, const tacet::EgruOutputsView& outputs,
                      const tacet::Workspace& workspace, tacet::Stream stream);
    void egru_backward_bytes(const tacet::EgruCall& call, const tacet::EgruGradientsView& gradients,
                             size_t* bytes);
    void egru_backward(const tacet::EgruCall& call, const tacet::EgruErrorsView& errors,
                       const tacet::EgruGradientsView& gradients,
                       const tacet::Workspace& workspace, tacet::Stream stream);
    void egru_factors(const tacet::EgruCall& call, float* currents, float* sent,
                      tacet::Stream stream););
