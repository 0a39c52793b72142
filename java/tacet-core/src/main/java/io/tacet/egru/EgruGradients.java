package io.tacet.egru;

import io.tacet.memory.DeviceArray;

/**
 * Gradients of a backward pass. Those of parameters are accumulated, the others are overwritten;
 * null members are not computed, and the currents are required. A view: it owns nothing.
 *
 * @param currents dL/da, [steps][batch][3 units], always written: it is also the workspace. It may
 *     be the array that held the currents
 * @param recurrent dL/dR, of the shape of R: on a sparse pattern, of its synapses only
 * @param inputBias dL/db_x, [3 units]
 * @param recurrentBias dL/db_r, [3 units]
 * @param thresholds dL/dtheta, [units]
 * @param initial dL/d(y, h) before the first step, written
 */
public record EgruGradients(
    DeviceArray currents,
    DeviceArray recurrent,
    DeviceArray inputBias,
    DeviceArray recurrentBias,
    DeviceArray thresholds,
    EgruState initial) {}
