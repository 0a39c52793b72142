/**
 * The binding of libtacet: loading it, and the class {@code Tacet} that JavaCPP generates from the
 * C headers. Not public; the API is in {@link io.tacet.cuda}.
 */
@Stability(Stability.Level.INTERNAL)
package io.tacet.cuda.internal;

import io.tacet.Stability;
