/**
 * Networks from and to ONNX models. {@link io.tacet.onnx.OnnxImport} reads graphs of GRU, RNN and
 * dense layers, and what {@link io.tacet.onnx.OnnxExport} writes: networks on steps or tokens in
 * standard operators only, event-gated units as a Scan. docs/onnx.md has the operators and what is
 * refused.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.onnx;

import io.tacet.Stability;
