/**
 * Tensors of ONNX Runtime and arrays of Tacet in the same memory: {@link
 * io.tacet.onnxruntime.OrtTensors}. Models go from one to the other by the module tacet-onnx.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.onnxruntime;

import io.tacet.Stability;
