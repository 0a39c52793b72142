// The structures of tacet_propagate.h as the views that kernels take, for other operations that
// propagate events.
#pragma once

#include "propagate/views.h"
#include "tacet_propagate.h"

namespace tacet {

/** Rows with the shape of tacet_propagate_shape. */
RowsView shaped_rows(const tacet_rows* rows);

SlotsView slots_view(const tacet_slots* slots);

}  // namespace tacet
