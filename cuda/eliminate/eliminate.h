// Elimination by silent sources; the parameters are those of tacet_eliminate.h.
#pragma once

#include "common/declare.h"
#include "sparse/pattern.h"

TACET_DECLARE(
    void eliminate_bind(const tacet::PatternView& pattern, uint32_t* bound, tacet::Stream stream);

    void eliminate_vetoes(const uint32_t* bound, int sources, int targets, const uint32_t* silent,
                          int batch, int32_t* vetoes, tacet::Stream stream);

    void eliminate_candidates(const uint32_t* bound, int sources, int targets,
                              const uint32_t* silent, int batch, uint32_t* candidates,
                              tacet::Stream stream););
