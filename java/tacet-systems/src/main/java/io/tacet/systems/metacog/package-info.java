/**
 * Sparse and smooth codes of a ring of stimuli, a read-out of their similarities, decisions with
 * confidence, and a monitor that tells activity driven by the world from imagery and noise, after a
 * talk of Hakwan Lau. {@link io.tacet.systems.metacog.RingWorld} gives stimuli, {@link
 * io.tacet.systems.metacog.Code} trains an encoder for them, {@link
 * io.tacet.systems.metacog.Prototypes} reads similarities and decisions off a code, and {@link
 * io.tacet.systems.metacog.Monitor} judges them. There is no reference code and there are no
 * published numbers: the specification is ours. It is about a read-out of similarity and a gate of
 * reliability, and says nothing about consciousness.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.systems.metacog;

import io.tacet.Stability;
