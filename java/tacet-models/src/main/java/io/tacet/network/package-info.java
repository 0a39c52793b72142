/**
 * Networks of spiking layers: {@link io.tacet.network.Network#on} builds one, {@link
 * io.tacet.network.Network#load} reads one, and {@code io.tacet.training} trains it.
 */
package io.tacet.network;
