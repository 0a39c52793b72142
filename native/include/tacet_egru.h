/*
 * Event-gated recurrent units (cuda/egru). Conventions are those of tacet.h; arrays are float32 unless
 * said otherwise and row-major, gates are packed as z, r, g.
 *
 * Structures hold addresses, 64-bit integers and doubles only, so a binding may pass them as arrays
 * of 64-bit words; they are read during the call. Results are bitwise the same on every run.
 */
#ifndef TACET_EGRU_H
#define TACET_EGRU_H

#include "tacet_pattern.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tacet_egru_variant { TACET_EGRU_CELL_RESET_AFTER = 0, TACET_EGRU_PAPER = 1 };

enum tacet_egru_engine_kind {
  /** By shape and activity: TACET_EGRU_PERSISTENT for up to 32 samples (on tensor cores: for each team)
   * and from 4 steps on, where it fits; else TACET_EGRU_DENSE without events; else TACET_EGRU_EVENT where it has less to read at
   * the activity of the sequence, or for up to 8 samples if that is not known; else
   * TACET_EGRU_DENSE. */
  TACET_EGRU_AUTO = 0,
  /** Adds the rows of units with an event: of their union for up to 8 samples, else of each. Two launches
   * a step, or for up to 8 samples and from 1,024 units on one for all steps (tacet_egru_stepwise says
   * where not). That one has the weights, not what units send, in bfloat16 if factors are TACET_BF16
   * and the steps and the expected activity pay for packing them. */
  TACET_EGRU_EVENT = 1,
  /** A tiled product over all units. */
  TACET_EGRU_DENSE = 2,
  /** One launch, or a few of layer.launch_steps, with the weights in shared memory; where they do not
   * fit, what TACET_EGRU_AUTO would take. With factors other than TACET_FLOAT32 (tacet_set_factors) the
   * forward pass of TACET_EGRU_CELL_RESET_AFTER with dense weights has them in registers and multiplies
   * on tensor cores: up to 2,048 units with TACET_BF16, 1,024 with TACET_BF16X3, and where it has a
   * multiprocessor for every 16 units. */
  TACET_EGRU_PERSISTENT = 3
};

/** How TACET_EGRU_PERSISTENT groups blocks into teams. */
enum tacet_egru_clusters {
  /** Clusters where the GPU has them and they hold the layer with few units to a block, else blocks
   * of a cooperative launch. */
  TACET_EGRU_CLUSTERS_AUTO = 0,
  /** Clusters only: a layer that they cannot hold does not fit. TACET_INVALID_ARGUMENT where one
   * could, but the GPU has none so large or the library no code for it. */
  TACET_EGRU_CLUSTERS_ON = 1,
  /** Cooperative launches only. */
  TACET_EGRU_CLUSTERS_OFF = 2
};

/** Whether TACET_EGRU_EVENT is one launch for all steps. */
enum tacet_egru_streaming {
  /** From 1,024 units on, where it can be. */
  TACET_EGRU_STREAMING_AUTO = 0,
  /** Of any number of units, where it can be. */
  TACET_EGRU_STREAMING_ON = 1,
  TACET_EGRU_STREAMING_OFF = 2
};

/** Why TACET_EGRU_EVENT launches each step of a forward pass on its own. */
enum tacet_egru_stepwise {
  /** It does not, or another engine runs. */
  TACET_EGRU_STEPWISE_NONE = 0,
  /** TACET_EGRU_STREAMING_OFF */
  TACET_EGRU_STEPWISE_SWITCHED_OFF = 1,
  /** Weights are on a pattern. */
  TACET_EGRU_STEPWISE_PATTERN = 2,
  /** TACET_EGRU_PAPER */
  TACET_EGRU_STEPWISE_VARIANT = 3,
  TACET_EGRU_STEPWISE_WITHOUT_EVENTS = 4,
  /** Several replicas, or seeds like theirs. */
  TACET_EGRU_STEPWISE_REPLICAS = 5,
  /** More than 8 samples. */
  TACET_EGRU_STEPWISE_BATCH = 6,
  /** Fewer than 1,024 units. */
  TACET_EGRU_STEPWISE_FEW_UNITS = 7,
  /** Rows of weights do not begin at 16 bytes, and too few are read to pay for packing all. */
  TACET_EGRU_STEPWISE_ROWS = 8,
  /** A block has no room for its share of the units. */
  TACET_EGRU_STEPWISE_MANY_UNITS = 9,
  /** The device does not run as many blocks at once. */
  TACET_EGRU_STEPWISE_RESIDENT = 10
};

/** Indices into the values of tacet_egru_plan: of the forward pass, then of the backward pass. */
enum tacet_egru_plan_words {
  /** A tacet_egru_engine_kind; of a backward pass TACET_EGRU_EVENT is a product by rows. */
  TACET_EGRU_PLAN_ENGINE = 0,
  /** Of TACET_EGRU_PERSISTENT, and of TACET_EGRU_EVENT in one launch, else 0: whether teams are
   * clusters, how many there are, and of how many blocks. */
  TACET_EGRU_PLAN_CLUSTERS = 1,
  TACET_EGRU_PLAN_TEAMS = 2,
  TACET_EGRU_PLAN_BLOCKS = 3,
  /** TACET_FLOAT32, TACET_BF16X3 or TACET_BF16 (tacet_dense.h): of the recurrent products. */
  TACET_EGRU_PLAN_FACTORS = 4,
  /** A tacet_egru_stepwise. */
  TACET_EGRU_PLAN_STEPWISE = 5,
  /** Words of a pass. */
  TACET_EGRU_PLAN_PASS = 6,
  TACET_EGRU_PLAN_WORDS = 12
};

enum tacet_egru_words {
  TACET_EGRU_LAYER_WORDS = 23,
  TACET_EGRU_SEQUENCE_WORDS = 11,
  TACET_EGRU_OUTPUTS_WORDS = 7,
  TACET_EGRU_TAPE_WORDS = 7,
  TACET_EGRU_ERRORS_WORDS = 7,
  TACET_EGRU_GRADIENTS_WORDS = 7
};

typedef struct tacet_egru_layer {
  /** [units][3 units]; with a pattern of units targets, which the gates share, [places][3]; with one
   * of 3 units targets, those of z before those of r and of g, [places]. */
  const float* recurrent;
  /** [3 units] */
  const float* input_bias;
  /** [3 units]; not used by TACET_EGRU_PAPER. */
  const float* recurrent_bias;
  /** [units]; not used without events. */
  const float* thresholds;
  int64_t units;
  int64_t variant;
  /** 0: a plain GRU. */
  int64_t events;
  int64_t engine;
  double zoneout;
  double gamma;
  double sharpness;
  double trace_decay;
  /** Largest size of the arguments of sigmoid and tanh, beyond which they are cut and let no gradient
   * through; 0 or infinity for none. With one, tapes have gates in float. */
  double clip;
  /** A tacet_egru_clusters. */
  int64_t clusters;
  /** Most steps of one launch of TACET_EGRU_PERSISTENT or TACET_EGRU_EVENT, at least 1, which bounds
   * how long it takes. Results do not depend on it. */
  int64_t launch_steps;
  /** Layers of one shape that are computed at once, 1 to 65535; 1 with a pattern. Every array is
   * theirs one after the other, in all structures and arguments, and the results of each are bitwise
   * those it has alone with the same engine. */
  int64_t replicas;
  /** A tacet_egru_streaming. */
  int64_t streaming;
  /** Of the recurrent weights, with units sources; without offsets they are dense. With a pattern
   * there is no TACET_EGRU_PERSISTENT, and TACET_EGRU_AUTO chooses by activity and batch between
   * TACET_EGRU_EVENT, which adds the rows of each sample, and TACET_EGRU_DENSE, which multiplies
   * all synapses by target. */
  tacet_pattern pattern;
} tacet_egru_layer;

typedef struct tacet_egru_sequence {
  /** [steps][batch][3 units]; not read by the backward pass. */
  const float* currents;
  /** int32 [batch], or null. */
  const int32_t* lengths;
  /** Before the first step, [batch][units], or null for zeros. */
  const float* y;
  const float* h;
  int64_t steps;
  int64_t batch;
  /** Whether zoneout draws masks. */
  int64_t training;
  int64_t seed;
  /** Whether each sample goes from its last step to its first. Arrays stay in the order of time;
   * first and last step are then meant in the order of the computation. */
  int64_t reversed;
  /** Fraction of units with an event in a step, 0 .. 1, as far as one knows before: that of the last
   * pass. NaN if not known. Read by TACET_EGRU_AUTO, and where weights may be packed. */
  double activity;
  /** [replicas][2], the lower and the upper half of each, in place of the seed; or null. */
  const int32_t* seeds;
} tacet_egru_sequence;

/** Null members are not written. */
typedef struct tacet_egru_outputs {
  /** [steps][batch] rows of units, y_stride apart */
  float* y;
  /** [batch] rows of units, trace_stride apart */
  float* trace;
  /** [batch][units] each */
  float* last_y;
  float* last_h;
  /** int32 [units], added to. */
  int32_t* counts;
  /** Elements from row to row, at least units: more where directions lie side by side. */
  int64_t y_stride;
  int64_t trace_stride;
} tacet_egru_outputs;

typedef struct tacet_egru_tape {
  /** [steps][batch][units] */
  float* h;
  /** [steps][batch][units], float32 or, if compact, bfloat16. */
  void* z;
  void* r;
  void* g;
  /** Null where the backward pass is to compute it again; not used by TACET_EGRU_PAPER. */
  void* q;
  /** [steps][batch][ceil(units/32)] */
  uint32_t* events;
  int64_t compact;
} tacet_egru_tape;

/** Null members are treated as zero. */
typedef struct tacet_egru_errors {
  /** [steps][batch] rows of units, y_stride apart */
  const float* y;
  /** [batch] rows of units, trace_stride apart */
  const float* trace;
  /** [batch][units] each */
  const float* last_y;
  const float* last_h;
  /** [units] */
  const float* rate;
  /** As in tacet_egru_outputs. */
  int64_t y_stride;
  int64_t trace_stride;
} tacet_egru_errors;

/** Null members are not computed; the currents are required. */
typedef struct tacet_egru_gradients {
  /** [steps][batch][3 units], written. */
  float* currents;
  /** Like those of the layer, added to, as are the next three; with a pattern, of its synapses only. */
  float* recurrent;
  float* input_bias;
  float* recurrent_bias;
  float* thresholds;
  /** [batch][units] each, written. */
  float* initial_y;
  float* initial_h;
} tacet_egru_gradients;

/** Writes TACET_EGRU_PLAN_WORDS values that say how both passes run. */
TACET_API int tacet_egru_plan(tacet_context* context, const tacet_egru_layer* layer,
                              const tacet_egru_sequence* sequence, tacet_value* plan);

/** Writes the bytes of workspace that tacet_egru_forward needs. */
TACET_API int tacet_egru_forward_bytes(tacet_context* context, const tacet_egru_layer* layer,
                                       const tacet_egru_sequence* sequence,
                                       const tacet_egru_outputs* outputs, tacet_value* bytes);

/**
 * Runs all steps.
 *
 * @param tape or null
 */
TACET_API int tacet_egru_forward(tacet_context* context, const tacet_egru_layer* layer,
                                 const tacet_egru_sequence* sequence,
                                 const tacet_egru_outputs* outputs, const tacet_egru_tape* tape,
                                 void* workspace, int64_t workspace_bytes, void* stream);

/** Writes the bytes of workspace that tacet_egru_backward needs: more where the tape lacks q. */
TACET_API int tacet_egru_backward_bytes(tacet_context* context, const tacet_egru_layer* layer,
                                        const tacet_egru_sequence* sequence,
                                        const tacet_egru_tape* tape,
                                        const tacet_egru_gradients* gradients, tacet_value* bytes);

/** The adjoint; the tape is only read. */
TACET_API int tacet_egru_backward(tacet_context* context, const tacet_egru_layer* layer,
                                  const tacet_egru_sequence* sequence, const tacet_egru_tape* tape,
                                  const tacet_egru_errors* errors,
                                  const tacet_egru_gradients* gradients, void* workspace,
                                  int64_t workspace_bytes, void* stream);

/**
 * What the gradient of recurrent weights is made of, for every pair of step and sample.
 *
 * @param currents gradients of tacet_egru_backward; those of the recurrent product replace them
 * @param sent what units sent into the step, [steps][batch][units]; of TACET_EGRU_PAPER into each gate,
 *     [steps][batch][3][units]; written
 */
TACET_API int tacet_egru_factors(tacet_context* context, const tacet_egru_layer* layer,
                                 const tacet_egru_sequence* sequence, const tacet_egru_tape* tape,
                                 float* currents, float* sent, void* stream);

#ifdef __cplusplus
}
#endif

#endif
