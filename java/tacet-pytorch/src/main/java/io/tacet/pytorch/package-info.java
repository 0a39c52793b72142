/**
 * Tensors of libtorch, by the JavaCPP presets of PyTorch, and arrays of Tacet in the same memory:
 * {@link io.tacet.pytorch.TorchTensors}; and a layer of event-gated units between modules of
 * libtorch: {@link io.tacet.pytorch.TorchEgru}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.pytorch;

import io.tacet.Stability;
