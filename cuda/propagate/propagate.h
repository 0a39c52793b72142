// Launchers of event propagation; tacet_propagate.h documents what they compute.
#pragma once

#include "common/declare.h"
#include "propagate/views.h"

TACET_DECLARE(
    void forward(const tacet::RowsView& rows, const tacet::ListsView& lists,
                 const tacet::SlotsView& target, bool deterministic, tacet::Stream stream);

    /** The same of rows with lists of targets, without delays, by sums of integers; rows.partials get
     * those of several parts. */
    void integer_tiles(const tacet::RowsView& rows, const tacet::ListsView& lists, float* out,
                       tacet::Stream stream);

    /** Fills rows.pivots, for the formats that have them. */
    void pivots(const tacet::RowsView& rows, int32_t* pivots, tacet::Stream stream);

    void transposed(const tacet::RowsView& rows, const tacet::ListsView& lists,
                    const tacet::SlotsView& adjoint, float* sums, tacet::Stream stream);

    void weight_gradient(const tacet::RowsView& rows, const tacet::ListsView& lists,
                         const tacet::SlotsView& adjoint, float* gradient, tacet::Stream stream);

    void take(float* slot, float* currents, int64_t count, tacet::Stream stream););
