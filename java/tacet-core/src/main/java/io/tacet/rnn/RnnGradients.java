package io.tacet.rnn;

import io.tacet.memory.DeviceArray;

/**
 * Where the backward pass of {@link Rnn} leaves gradients. A view: it owns nothing.
 *
 * @param currents dL/da, [steps][batch][units]; written. May be the array of the currents or of the
 *     errors, but not that of the values
 * @param recurrent dL/dR, of the shape of R, is added to it; null if not wanted
 * @param bias dL/db, [units], is added to it; null if not wanted
 * @param first dL/dh before the first step, [batch][units]; written; null if not wanted
 */
public record RnnGradients(
    DeviceArray currents, DeviceArray recurrent, DeviceArray bias, DeviceArray first) {}
