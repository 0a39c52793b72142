/**
 * Backends that run the native kernels: {@code cuda} on a GPU and {@code host} on the CPU.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.cuda;

import io.tacet.Stability;
