// Launchers of this folder; the parameters are those of tacet_eventprop.h.
#pragma once

#include "eventprop/views.h"

TACET_DECLARE(
    /* Bytes of workspace for that many samples at a time; fewer are done in several rounds. */
    size_t exact_forward_bytes(const tacet::LayerView& layer, const tacet::EventView& in,
                               const tacet::EventView& out, int pending, int samples);
    void exact_forward(const tacet::LayerView& layer, const tacet::EventView& in,
                       const tacet::EventView& out, int pending, int32_t* overflow,
                       const tacet::Workspace& workspace, tacet::Stream stream);
    size_t exact_backward_bytes(const tacet::LayerView& layer, const tacet::EventView& in,
                                const tacet::EventView& out, const tacet::GradientView& gradients,
                                int samples);
    void exact_backward(const tacet::LayerView& layer, const tacet::EventView& in,
                        const tacet::EventView& out, const tacet::GradientView& gradients,
                        const float* kick, const tacet::Workspace& workspace,
                        tacet::Stream stream);
    size_t variant_forward_bytes(const tacet::LayerView& layer, const tacet::VariantView& variant,
                                 const tacet::EventView& in, const tacet::EventView& out,
                                 int pending, int samples);
    void variant_forward(const tacet::LayerView& layer, const tacet::VariantView& variant,
                         const tacet::EventView& in, const tacet::EventView& out, int pending,
                         int32_t* overflow, const tacet::Workspace& workspace,
                         tacet::Stream stream);
    size_t variant_backward_bytes(const tacet::LayerView& layer, const tacet::VariantView& variant,
                                  const tacet::EventView& in, const tacet::EventView& out,
                                  const tacet::GradientView& gradients, int samples);
    void variant_backward(const tacet::LayerView& layer, const tacet::VariantView& variant,
                          const tacet::EventView& in, const tacet::EventView& out,
                          const tacet::GradientView& gradients, const float* kick,
                          const tacet::Workspace& workspace, tacet::Stream stream);
    /* Of mean_potentials, or with gradients of mean_potentials_backward. */
    size_t mean_potentials_bytes(const tacet::LayerView& layer, const tacet::VariantView& variant,
                                 const tacet::EventView& in, const tacet::EventView& out,
                                 const tacet::GradientView* gradients, int samples);
    void mean_potentials(const tacet::LayerView& layer, const tacet::VariantView& variant,
                         const tacet::EventView& in, const tacet::EventView& out, float* means,
                         const tacet::Workspace& workspace, tacet::Stream stream);
    void mean_potentials_backward(const tacet::LayerView& layer,
                                  const tacet::VariantView& variant, const tacet::EventView& in,
                                  const tacet::EventView& out, const float* mean_errors,
                                  const tacet::GradientView& gradients,
                                  const tacet::Workspace& workspace, tacet::Stream stream);
    size_t readout_bytes(const tacet::ReadoutView& layer, const tacet::EventView& in,
                         bool backward, bool weights, int samples);
    void readout_forward(const tacet::ReadoutView& layer, const tacet::EventView& in,
                         float* values, float* peak_times, const tacet::Workspace& workspace,
                         tacet::Stream stream);
    void readout_backward(const tacet::ReadoutView& layer, const tacet::EventView& in,
                          const float* errors, const float* peak_times, float* weights,
                          const tacet::Workspace& workspace, tacet::Stream stream);
    void first_spike_loss(const tacet::FirstSpikeView& loss, const tacet::EventView& out,
                          const int32_t* labels, int replicas, float* losses,
                          int32_t* predicted, tacet::Stream stream);
    void cross_entropy(const float* values, const int32_t* labels, int batch, int classes,
                       int replicas, float* errors, float* losses, int32_t* predicted,
                       tacet::Stream stream);
    void longest_row(const int32_t* offsets, int sources, int32_t* longest,
                     tacet::Stream stream););
