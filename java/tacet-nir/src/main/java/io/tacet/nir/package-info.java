/**
 * Networks in the Neuromorphic Intermediate Representation (NIR; Pedersen et al. 2024, Nature
 * Communications 15, 8122), in which snnTorch, Norse, Sinabs, Lava, SpiNNaker2 and others exchange
 * spiking networks, in HDF5 files.
 *
 * <p>A {@link io.tacet.nir.NirGraph} is what such a file holds: {@linkplain io.tacet.nir.NirNode
 * nodes} of some {@linkplain io.tacet.nir.NirKind kind} and edges, checked. {@link
 * io.tacet.nir.NirNetworks} makes a network of a graph and a graph of a network; {@link
 * io.tacet.nir.NirSettings} says what NIR leaves open. The units of NIR are seconds, ours
 * milliseconds.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.nir;

import io.tacet.Stability;
