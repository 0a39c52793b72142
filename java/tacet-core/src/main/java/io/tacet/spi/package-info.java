/**
 * What a backend implements: a {@link io.tacet.spi.BackendProvider} found by ServiceLoader, {@link
 * io.tacet.spi.Storage} for memory, and {@link io.tacet.spi.Kernels} with one interface per family
 * of operations. Arguments reaching a kernel interface have been checked by the operation above it.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.spi;

import io.tacet.Stability;
