/**
 * Groups of processes that train together over TCP: each opens a {@link
 * io.tacet.training.tcp.TcpDoor}, learns the addresses of all others by other means, and joins them
 * to a {@link io.tacet.training.tcp.TcpCommunicator}.
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.training.tcp;

import io.tacet.Stability;
