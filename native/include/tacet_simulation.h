/*
 * Operations of cuda/simulation: networks of spiking neurons. Conventions are those of tacet.h;
 * structures are read during the call.
 */
#ifndef TACET_SIMULATION_H
#define TACET_SIMULATION_H

#include "tacet_propagate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Words of tacet_simulation. */
enum tacet_simulation_words { TACET_SIMULATION_WORDS = 23 };

/**
 * Leaky integrate-and-fire neurons with state and input; see io.tacet.simulation.Simulation for what
 * a step does. Arrays are [neurons] unless said.
 */
typedef struct tacet_simulation {
  /** V = alpha V + (gamma I + drive), I = beta I + what arrives. */
  const float* alpha;
  const float* beta;
  const float* gamma;
  const float* drive;
  const float* threshold;
  const float* reset;
  /** State: V, I, and steps for which each neuron remains refractory. */
  float* potentials;
  float* currents;
  int32_t* countdowns;
  /** Poisson input, see io.tacet.simulation.PoissonInput; all null without. */
  const int32_t* classes;
  /** [classes][width]. */
  const int32_t* limits;
  /** [classes][256]. */
  const int32_t* starts;
  const float* weights;
  int64_t seed;
  int64_t width;
  int64_t neurons;
  /** Steps after that of a spike in which V stays at the reset. */
  int64_t refractory;
  /** Spikes of the call in ascending order, [capacity]: step from the first of the call, neuron. */
  int32_t* record_steps;
  int32_t* record_units;
  /** [1], their number. */
  int32_t* record_count;
  /** Scratch: uint32 [ceil(neurons / 32)], [neurons] and [1]. */
  uint32_t* bitmap;
  int32_t* list;
  int32_t* count;
} tacet_simulation;

/**
 * Simulates steps. The record must have room for all spikes: each neuron has at most one in refractory
 * + 1 steps.
 *
 * @param rows CSR, of the shape for delays; targets ascend within a row, and (target, delay) are
 *     unique
 * @param ring what is under way, [slots][neurons], step t in slot t % slots; with delays per synapse
 *     from 1 to slots - 1; its slot is ignored
 * @param first number of the first step, from 0
 */
TACET_API int tacet_simulation_advance(tacet_context* context, const tacet_rows* rows,
                                       const tacet_slots* ring,
                                       const tacet_simulation* simulation, int64_t first,
                                       int steps, void* stream);

#ifdef __cplusplus
}
#endif

#endif
