// Launcher of simulations of spiking networks; tacet_simulation.h documents what it computes.
#pragma once

#include "common/declare.h"
#include "propagate/views.h"

namespace tacet {

/** Neurons, their input and the record of their spikes; arrays are [neurons] unless said. */
struct SimulationView {
  const float* alpha;
  const float* beta;
  const float* gamma;
  const float* drive;
  const float* threshold;
  const float* reset;
  float* potentials;
  float* currents;
  int32_t* countdowns;
  /** Poisson input; null without. */
  const int32_t* classes;
  /** [classes][width]. */
  const int32_t* limits;
  /** [classes][256]. */
  const int32_t* starts;
  const float* weights;
  uint64_t seed;
  int width;
  int neurons;
  int refractory;
  /** [capacity]. */
  int32_t* record_steps;
  int32_t* record_units;
  /** Spikes in the record. */
  int32_t* record_count;
  /** Scratch: the spikes of a step as bits, as a list, and their number. */
  uint32_t* bitmap;
  int32_t* list;
  int32_t* count;
};

}  // namespace tacet

TACET_DECLARE(void simulate(const tacet::RowsView& rows, const tacet::SlotsView& ring,
                            const tacet::SimulationView& simulation, int64_t first, int steps,
                            tacet::Stream stream););
