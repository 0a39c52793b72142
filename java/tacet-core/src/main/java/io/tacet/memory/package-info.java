/**
 * Typed, shaped arrays on a backend. A {@link io.tacet.memory.DeviceArray} owns memory and is
 * closed by whoever allocated it; {@link io.tacet.memory.Leaks} counts those that were not.
 *
 * <p>With other libraries: {@link io.tacet.memory.ForeignMemory} under an array, the memory of an
 * array as a direct buffer or a {@link io.tacet.memory.Loan}, and copies by {@link
 * io.tacet.memory.Buffers}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.memory;

import io.tacet.Stability;
