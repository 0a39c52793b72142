/**
 * The binding of libtacet: loading it, and the class {@code Tacet} that JavaCPP generates from the
 * C headers. Not public; the API is in {@link io.tacet.cuda}.
 */
package io.tacet.cuda.internal;
