/**
 * Typed, shaped arrays on a backend. A {@link io.tacet.memory.DeviceArray} owns memory and is
 * closed by whoever allocated it; {@link io.tacet.memory.Leaks} counts those that were not.
 */
package io.tacet.memory;
