/**
 * The pure-Java backend: oracle of the tests, baseline of the benchmarks and the default where
 * there is no GPU. {@code f64} holds the algorithms in double precision; {@code f32} is generated
 * from the same text in single precision when the project is built.
 *
 * @since 0.1
 */
@Stability(Stability.Level.INTERNAL)
package io.tacet.reference;

import io.tacet.Stability;
