/**
 * Networks in files of other programs: a {@link io.tacet.exchange.NetworkFormat} reads and writes
 * one kind of file, and {@link io.tacet.exchange.NetworkFormats} knows those on the class path.
 * Those of named arrays are here, with the names of PyTorch ({@link io.tacet.exchange.TorchNames})
 * and Keras ({@link io.tacet.exchange.KerasNames}) as well as ours; others are modules of their
 * own.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.exchange;

import io.tacet.Stability;
