package io.tacet.egru;

import io.tacet.memory.DeviceArray;

/**
 * Outputs of a forward pass; null members are not written. A view: it owns nothing.
 *
 * <p>Events and trace may have room for both directions of a bidirectional layer, rows of 2 units:
 * a pass forward in time then writes the first half of each row, a reversed one the second.
 *
 * @param y events with their values, [steps][batch][units] or [steps][batch][2 units]; 0 where a
 *     unit is silent
 * @param trace the trace after each sample's last step, [batch][units] or [batch][2 units]
 * @param last events and states after each sample's last step; without a tape they may be the
 *     arrays of the initial state, which the backward pass needs unchanged
 * @param counts INT32 [units], incremented by the number of events of each unit
 */
public record EgruOutputs(DeviceArray y, DeviceArray trace, EgruState last, DeviceArray counts) {}
