#include "simulation/simulation.h"

#include "dispatch.h"
#include "rows_view.h"
#include "tacet_simulation.h"

static_assert(sizeof(tacet_simulation) == 8 * TACET_SIMULATION_WORDS,
              "structures are arrays of 64-bit words");

namespace {

tacet::SimulationView view(const tacet_simulation* s) {
  tacet::require(s != nullptr, "simulation: expected an address, got null");
  return {s->alpha,
          s->beta,
          s->gamma,
          s->drive,
          s->threshold,
          s->reset,
          s->potentials,
          s->currents,
          s->countdowns,
          s->classes,
          s->limits,
          s->starts,
          s->weights,
          static_cast<uint64_t>(s->seed),
          tacet::narrowed(s->width, 0, "width"),
          tacet::narrowed(s->neurons, 1, "neurons"),
          tacet::narrowed(s->refractory, 0, "refractory"),
          s->record_steps,
          s->record_units,
          s->record_count,
          s->bitmap,
          s->list,
          s->count};
}

}  // namespace

int tacet_simulation_advance(tacet_context* context, const tacet_rows* rows,
                             const tacet_slots* ring, const tacet_simulation* simulation,
                             int64_t first, int steps, void* stream) {
  return TACET_DISPATCH(context, simulate, tacet::shaped_rows(rows), tacet::slots_view(ring),
                        view(simulation), first, steps, stream);
}
