/**
 * The algorithms in double precision. The build writes {@code io.tacet.reference.f32} from these
 * sources by replacing the number type, so everything that depends on it goes through {@link
 * io.tacet.reference.f64.Real} and floating-point literals are written with a decimal point.
 */
@Stability(Stability.Level.INTERNAL)
package io.tacet.reference.f64;

import io.tacet.Stability;
