/*
 * Operations of cuda/eventprop: exact event-driven simulation and its adjoint. Conventions are
 * those of tacet.h. Times are float32 in ms, ascending within a sample.
 *
 * Structures hold addresses and 64-bit integers only, so a binding may pass them as arrays of
 * 64-bit words; they are read during the call. Sources, targets, batch and capacity are at most 2^30
 * each.
 */
#ifndef TACET_EVENTPROP_H
#define TACET_EVENTPROP_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Negative counts in tacet_events say why a sample failed. */
enum tacet_count {
  TACET_NOT_FINITE = -1,
  TACET_RUNAWAY = -2,
  /**
   * reset >= threshold, threshold <= 0, a time constant <= 0 or negligible next to the other, or a
   * value that is not finite.
   */
  TACET_BAD_PARAMETERS = -3,
  /** An input event of a source that does not exist. */
  TACET_BAD_UNIT = -4,
  /** A delay that is negative, infinite or not a number. */
  TACET_BAD_DELAY = -5,
  /** An input event at a negative, infinite or NaN time, or before the preceding event. */
  TACET_BAD_TIME = -6,
  /** A count of input events that is negative or beyond their capacity. */
  TACET_BAD_COUNT = -7
};

enum tacet_delay_kind { TACET_DELAY_PER_SOURCE = 0, TACET_DELAY_PER_SYNAPSE = 1 };

/** What is read from the voltage V(t) of an integrator over 0 .. T. */
enum tacet_reduction {
  TACET_READ_MAX = 0,
  /** The integral of V. */
  TACET_READ_SUM = 1,
  /** (1/T) integral of V. */
  TACET_READ_MEAN = 2,
  /** (1/T) integral of e^(-t/T) V. */
  TACET_READ_EXPONENTIAL = 3
};

/** Words of each structure. */
enum tacet_words {
  TACET_SYNAPSES_WORDS = 11,
  TACET_LIF_WORDS = 10,
  TACET_EVENTS_WORDS = 8,
  TACET_GRADIENTS_WORDS = 9,
  TACET_VARIANT_WORDS = 14,
  TACET_VARIANT_GRADIENTS_WORDS = 6
};

/**
 * Synapses in rows by source; targets ascend within a row.
 *
 * With several replicas, which exact layers of LIF neurons and read-outs take, the arrays of a call
 * are those of the first of them, and those of the others follow, one after the other: weights,
 * patterns, delays, parameters, kicks and gradients. A batch is the samples of all, those of a replica
 * together. Recurrent synapses have as many as those of the input. Each replica gets bit for bit what
 * a call of its own gives it.
 */
typedef struct tacet_synapses {
  const float* weights;
  /** [sources + 1]; null for dense rows and for rows of `longest` synapses each. */
  const int32_t* offsets;
  /** Target of each synapse, of index_bytes each: 2 (unsigned) or 4; null for dense rows. */
  const void* indices;
  /** In ms; may be null. */
  const float* delays;
  int64_t sources;
  int64_t targets;
  int64_t index_bytes;
  int64_t delay_kind;
  /** Length of the longest row, see tacet_longest_row; targets for dense rows. */
  int64_t longest;
  /** 0 or 1 for a layer alone; at most 65535. */
  int64_t replicas;
  /** Synapses of a replica; looked at for several with compressed rows. */
  int64_t count;
} tacet_synapses;

/** Neuron parameters, each with its number of values: 1, or one per neuron. */
typedef struct tacet_lif {
  const float* tau_mem;
  const float* tau_syn;
  const float* threshold;
  const float* reset;
  const float* bias;
  int64_t tau_mem_values;
  int64_t tau_syn_values;
  int64_t threshold_values;
  int64_t reset_values;
  int64_t bias_values;
} tacet_lif;

/** Events of a batch: counts [batch], the other arrays [batch][capacity]. */
typedef struct tacet_events {
  int32_t* counts;
  float* times;
  int32_t* units;
  /** I - threshold + bias just before a spike; null for inputs. */
  float* slopes;
  /** dL/dt; null where not wanted. */
  float* errors;
  /** [batch]; maxima just below the threshold; null for inputs. */
  int32_t* grazes;
  int64_t batch;
  int64_t capacity;
} tacet_events;

/** Where gradients are added; null where not wanted. */
typedef struct tacet_gradients {
  float* input_weights;
  float* input_delays;
  float* recurrent_weights;
  float* recurrent_delays;
  float* tau_mem;
  float* tau_syn;
  float* threshold;
  float* reset;
  float* bias;
} tacet_gradients;

/**
 * What the neurons of a variant have beside tacet_lif, each parameter with its number of values; null
 * where they lack what it describes. The reset of tacet_lif is null where a spike lowers V by the
 * threshold instead.
 *
 *   tau_m dV/dt = -V + I + J - w + b,  tau_s dI/dt = -I,  tau_j dJ/dt = -J,  tau_w dw/dt = -w,
 *   tau_a da/dt = -a;  a spike where V reaches threshold + a
 *
 * With alpha synapses tau_s dI/dt = S - I, tau_s dS/dt = -S, spikes arrive at S, and J likewise.
 */
typedef struct tacet_variant {
  /** 0: without -V. */
  int64_t leaky;
  /** 1: with alpha synapses. */
  int64_t alpha;
  /** In ms; V stands still for so long after a spike. */
  const float* refractory;
  /** Of J, which weights below 0 drive. */
  const float* tau_inhibitory;
  const float* tau_threshold;
  /** What a spike adds to a, not negative. */
  const float* threshold_jump;
  const float* tau_adaptation;
  /** What a spike adds to w. */
  const float* adaptation_jump;
  int64_t refractory_values;
  int64_t tau_inhibitory_values;
  int64_t tau_threshold_values;
  int64_t threshold_jump_values;
  int64_t tau_adaptation_values;
  int64_t adaptation_jump_values;
} tacet_variant;

/** Where gradients of a variant are added; null where not wanted. */
typedef struct tacet_variant_gradients {
  float* refractory;
  float* tau_inhibitory;
  float* tau_threshold;
  float* threshold_jump;
  float* tau_adaptation;
  float* adaptation_jump;
} tacet_variant_gradients;

/** Writes the length of the longest row to device memory. */
TACET_API int tacet_longest_row(tacet_context* context, const int32_t* offsets, int64_t sources,
                                int32_t* longest, void* stream);

/**
 * Writes how many bytes of workspace a pass over that many samples at a time needs; a pass over
 * more samples than its workspace holds runs in rounds. An error where a pass that queues the
 * synaptic events of a sample, capacity times longest row, would have more than 2^31 - 1 of them.
 *
 * @param recurrent null for a feed-forward layer
 * @param pending arrivals that a neuron of a recurrent layer can hold at once
 */
TACET_API int tacet_exact_forward_bytes(tacet_context* context, const tacet_synapses* input,
                                        const tacet_synapses* recurrent, const tacet_lif* lif,
                                        const tacet_events* in, const tacet_events* out,
                                        int64_t pending, int64_t samples, tacet_value* bytes);

/**
 * Exact simulation of a layer of current-based LIF neurons from 0 to duration: writes counts,
 * times, units, slopes and grazes of out, and sets its errors to 0. Spikes beyond the capacity are
 * counted, not stored.
 *
 * @param most_spikes a sample with more is abandoned with the count TACET_RUNAWAY
 * @param overflow device memory, set to 1 if a neuron of a recurrent layer would have held more
 *     than pending arrivals: then the pass must be repeated with more; else set to 0
 */
TACET_API int tacet_exact_forward(tacet_context* context, const tacet_synapses* input,
                                  const tacet_synapses* recurrent, const tacet_lif* lif,
                                  double duration, const tacet_events* in, const tacet_events* out,
                                  int64_t most_spikes, int64_t pending, int32_t* overflow,
                                  void* workspace, int64_t workspace_bytes, void* stream);

/** Like tacet_exact_forward_bytes. */
TACET_API int tacet_exact_backward_bytes(tacet_context* context, const tacet_synapses* input,
                                         const tacet_synapses* recurrent, const tacet_lif* lif,
                                         const tacet_events* in, const tacet_events* out,
                                         const tacet_gradients* gradients, int64_t samples,
                                         tacet_value* bytes);

/**
 * Adjoint of tacet_exact_forward: reads out with its errors, adds to the gradients and writes the
 * errors of in unless null.
 *
 * @param kick [neurons], added to lambda_V at every spike of a neuron, or null
 * @param least_slope not negative, per ms: where dV/dt at a spike is less, the backward pass divides
 *     by this instead; 0 for the exact gradient
 */
TACET_API int tacet_exact_backward(tacet_context* context, const tacet_synapses* input,
                                   const tacet_synapses* recurrent, const tacet_lif* lif,
                                   double duration, const tacet_events* in,
                                   const tacet_events* out, const tacet_gradients* gradients,
                                   const float* kick, double least_slope, void* workspace,
                                   int64_t workspace_bytes, void* stream);

/** Like tacet_exact_forward_bytes. */
TACET_API int tacet_variant_forward_bytes(tacet_context* context, const tacet_synapses* input,
                                          const tacet_synapses* recurrent, const tacet_lif* lif,
                                          const tacet_variant* variant, const tacet_events* in,
                                          const tacet_events* out, int64_t pending,
                                          int64_t samples, tacet_value* bytes);

/** tacet_exact_forward of neurons of a variant; slopes are d/dt of the distance from the threshold. */
TACET_API int tacet_variant_forward(tacet_context* context, const tacet_synapses* input,
                                    const tacet_synapses* recurrent, const tacet_lif* lif,
                                    const tacet_variant* variant, double duration,
                                    const tacet_events* in, const tacet_events* out,
                                    int64_t most_spikes, int64_t pending, int32_t* overflow,
                                    void* workspace, int64_t workspace_bytes, void* stream);

/** Like tacet_exact_forward_bytes. */
TACET_API int tacet_variant_backward_bytes(tacet_context* context, const tacet_synapses* input,
                                           const tacet_synapses* recurrent, const tacet_lif* lif,
                                           const tacet_variant* variant, const tacet_events* in,
                                           const tacet_events* out,
                                           const tacet_gradients* gradients,
                                           const tacet_variant_gradients* variant_gradients,
                                           int64_t samples, tacet_value* bytes);

/**
 * Adjoint of tacet_variant_forward, as tacet_exact_backward.
 *
 * @param variant_gradients null for none of them
 */
TACET_API int tacet_variant_backward(tacet_context* context, const tacet_synapses* input,
                                     const tacet_synapses* recurrent, const tacet_lif* lif,
                                     const tacet_variant* variant, double duration,
                                     const tacet_events* in, const tacet_events* out,
                                     const tacet_gradients* gradients,
                                     const tacet_variant_gradients* variant_gradients,
                                     const float* kick, double least_slope, void* workspace,
                                     int64_t workspace_bytes, void* stream);

/**
 * Like tacet_exact_forward_bytes, of tacet_mean_potentials or, with gradients, of its adjoint.
 *
 * @param variant null for LIF neurons
 * @param gradients null for the means
 * @param variant_gradients null for none of them
 */
TACET_API int tacet_mean_potentials_bytes(tacet_context* context, const tacet_synapses* input,
                                          const tacet_synapses* recurrent, const tacet_lif* lif,
                                          const tacet_variant* variant, const tacet_events* in,
                                          const tacet_events* out,
                                          const tacet_gradients* gradients,
                                          const tacet_variant_gradients* variant_gradients,
                                          int64_t samples, tacet_value* bytes);

/**
 * Mean potentials of the neurons of a layer along the events of an exact pass.
 *
 * @param variant null for LIF neurons
 * @param in valid events
 * @param means written, [batch][neurons]
 */
TACET_API int tacet_mean_potentials(tacet_context* context, const tacet_synapses* input,
                                    const tacet_synapses* recurrent, const tacet_lif* lif,
                                    const tacet_variant* variant, double duration,
                                    const tacet_events* in, const tacet_events* out, float* means,
                                    void* workspace, int64_t workspace_bytes, void* stream);

/**
 * Derivatives of tacet_mean_potentials where every event stays at its time: adds to the gradients and,
 * unless null, to the errors of out; writes those of in unless null.
 *
 * @param mean_errors dL/dmean, [batch][neurons]
 * @param variant_gradients null for none of them
 */
TACET_API int tacet_mean_potentials_backward(
    tacet_context* context, const tacet_synapses* input, const tacet_synapses* recurrent,
    const tacet_lif* lif, const tacet_variant* variant, double duration, const tacet_events* in,
    const tacet_events* out, const float* mean_errors, const tacet_gradients* gradients,
    const tacet_variant_gradients* variant_gradients, void* workspace, int64_t workspace_bytes,
    void* stream);

/** Like tacet_exact_forward_bytes; weights says whether a backward pass has a weight gradient. */
TACET_API int tacet_readout_bytes(tacet_context* context, const tacet_synapses* input,
                                  const tacet_events* in, int backward, int weights,
                                  int64_t samples, tacet_value* bytes);

/**
 * Reads non-spiking leaky integrators.
 *
 * @param tau_mem one value
 * @param tau_syn one value
 * @param values written, [batch][targets]; NaN for a sample with invalid input
 * @param peak_times written for TACET_READ_MAX: when the maximum is reached, [batch][targets]
 */
TACET_API int tacet_readout_forward(tacet_context* context, const tacet_synapses* input,
                                    const float* tau_mem, const float* tau_syn, double duration,
                                    int reduction, const tacet_events* in, float* values,
                                    float* peak_times, void* workspace, int64_t workspace_bytes,
                                    void* stream);

/** Adjoint: adds to the weight gradient unless null and writes the errors of in unless null. */
TACET_API int tacet_readout_backward(tacet_context* context, const tacet_synapses* input,
                                     const float* tau_mem, const float* tau_syn, double duration,
                                     int reduction, const tacet_events* in,
                                     const float* value_errors, const float* peak_times,
                                     float* weight_gradient, void* workspace,
                                     int64_t workspace_bytes, void* stream);

/**
 * Cross-entropy of first spike times with an early-spike term: writes the errors of out, divided by
 * the batch, the loss of each sample, and the output that spikes first, -1 where none spikes.
 *
 * @param skip_silent_labels not 0: a sample whose own output is silent gets no errors
 * @param replicas whose samples out has, of each as many: errors are divided by those of one
 * @param labels [batch], 0 .. classes - 1
 */
TACET_API int tacet_first_spike_loss(tacet_context* context, double tau0, double tau1, double alpha,
                                     int skip_silent_labels, double duration, int classes,
                                     int replicas, const tacet_events* out, const int32_t* labels, float* losses,
                                     int32_t* predicted, void* stream);

/**
 * Softmax cross-entropy: writes the errors [batch][classes], divided by the batch, of several replicas
 * by the samples of each.
 */
TACET_API int tacet_cross_entropy(tacet_context* context, const float* values,
                                  const int32_t* labels, int batch, int classes, int replicas,
                                  float* errors, float* losses, int32_t* predicted, void* stream);

#ifdef __cplusplus
}
#endif

#endif
