// Whether an event-driven step is faster than a tiled one, from the activity of the previous pass.
//
// Both read rows of R, 512 bytes a row and 128 columns; the other traffic of each is:
//
// EVENT, a block of 32 or 128 columns (each = 1 or 4 columns a lane), of every active row: what the
// samples of its group sent, 4 bytes each, and the row's number, 2 bytes. That is 4/each blocks in
// 128 columns. Up to eight samples are one group with H (1-(1-a)^N) active rows at activity a; of
// more, every sample is a group of its own with H a.
// DENSE, a tile of `rows` samples and `columns` units, of all H rows: what its samples sent, 4 bytes
// each, in 128/columns tiles, and all that once for ceil(N/rows) tiles. It also multiplies, 256 N
// flops a row and 128 columns, at the rate of float32 where the batch is large.
//
// Both are then bound by L2 (R is read from memory at most once a step), which delivers about one
// byte in the time of twelve float32 flops: 67e12 flop/s and some 5.5e12 B/s on an H100.
//
// What follows, for rows that begin at a float4: EVENT up to an activity of 0.99 with one sample, 0.5
// with eight, 0.07 with 16, and 0.04 from 32 on.
//
// This does not apply to the persistent engine: it adds silent rows too, but from shared memory,
// and its barrier is cheaper than the launches of the others at any activity. Nor does it apply to
// the backward pass, where the rows skipped depend on the support of psi, which events do not show.
//
// With recurrent weights on a pattern both read values and indices of a few synapses at a time. EVENT
// reads the rows of active units of each sample, where a row of f synapses in tiles costs a warp at
// least 32 synapses a tile; DENSE, the product by target, reads all synapses once for eight samples.
#pragma once

#include "egru/engines.cuh"
#include "sparse/active_rows.h"

namespace TACET_NS {

/** Bytes that L2 delivers in the time of a flop. */
constexpr double kL2BytesOfFlop = 1.0 / 12;

/** Bytes that the engine EVENT reads for a row of R and 128 columns, mean over all rows. */
inline double event_row_bytes(const EgruCall& call) {
  const SampleGroups groups = egru_event_groups(call.sequence.batch);
  const int each = rows_are_aligned(call) ? 4 : 1;
  const double silent = 1 - static_cast<double>(call.sequence.activity);
  double everyone_silent = 1;
  for (int n = 0; n < min(groups.shared, call.sequence.batch); n++) {
    everyone_silent *= silent;
  }
  return (1 - everyone_silent) * groups.groups * (512 + 4.0 / each * (4 * groups.shared + 2));
}

/** Bytes that the engine DENSE reads for a row and 128 columns, or would in the time of its flops. */
inline double dense_row_bytes(const EgruCall& call) {
  const int batch = call.sequence.batch;
  const ProductExtent tile = product_extent(batch, 3 * call.layer.units);
  const double read =
      tacet::ceil_div(batch, tile.rows) * (512 + 4.0 * min(tile.rows, batch) * 128 / tile.columns);
  return max(read, 256.0 * batch * kL2BytesOfFlop);
}

/** The activity where nothing is known: that of published networks. */
constexpr double kUsualActivity = 0.2;

/**
 * Whether packing all rows of R (streaming.cuh) pays: that moves 18 H^2 bytes with bfloat16, and what is
 * read of them in a step is then half of 12 H^2 times the active fraction of the rows. Of float32, which
 * is packed to read 16 bytes at once, it is twice the bytes of a third of all rows, with no launches saved.
 */
inline bool packed_rows_pay(const EgruCall& call) {
  const double activity =
      call.sequence.activity < 0 ? kUsualActivity : static_cast<double>(call.sequence.activity);
  double everyone_silent = 1;
  for (int n = 0; n < call.sequence.batch; n++) {
    everyone_silent *= 1 - activity;
  }
  return call.sequence.steps * (1 - everyone_silent) > 3;
}

/** Whether adding the rows of active units is faster than a product by target, on a pattern. */
inline bool active_rows_pay(const EgruCall& call) {
  const tacet::PatternView& pattern = call.layer.pattern;
  const double activity =
      call.sequence.activity < 0 ? kUsualActivity : static_cast<double>(call.sequence.activity);
  const int tiles = tacet::active_shape(pattern, call.layer.gates_per_synapse()).tiles;
  const double row = max(32.0 * tiles, static_cast<double>(pattern.mean()));
  return activity * call.sequence.batch * row <
         static_cast<double>(packed_groups(call.sequence.batch).groups) * pattern.mean();
}

/** Whether adding the rows of units with an event is faster than a product over all of them. */
inline bool events_pay(const EgruCall& call) {
  if (!call.layer.events) {
    return false;
  }
  if (call.layer.is_sparse()) {
    return active_rows_pay(call);
  }
  if (call.sequence.activity < 0) {
    // Unions of up to eight samples' events are less than all rows at activities seen in practice.
    return call.sequence.batch <= kMostShared;
  }
  return event_row_bytes(call) < dense_row_bytes(call);
}

}  // namespace TACET_NS
