/**
 * The reference in single precision, made from {@code io.tacet.reference.f64} when it is built.
 *
 * @since 0.1
 */
@Stability(Stability.Level.INTERNAL)
package io.tacet.reference.f32;

import io.tacet.Stability;
