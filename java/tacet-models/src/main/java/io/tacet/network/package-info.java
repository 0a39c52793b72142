/**
 * Networks of any cells: {@link io.tacet.network.Network#on} builds one, {@link
 * io.tacet.network.Network#load} reads one, {@link io.tacet.network.NetworkSpec} describes one as
 * JSON, and {@code io.tacet.training} trains it.
 *
 * <p>A {@link io.tacet.network.Layer} is one cell of {@code io.tacet.network.cells}; {@link
 * io.tacet.network.Signal signals} of event times, steps, tokens and values flow from layer to
 * layer in a {@link io.tacet.network.Pass}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.network;

import io.tacet.Stability;
