/**
 * Independent work of one kind, such as trainings of one network from several seeds, with the
 * launches of one.
 *
 * <p>A {@link io.tacet.replica.ReplicaGroup} makes a backend for each replica. Arrays of that
 * backend are parts of larger ones with a leading axis for the replicas; operations wait until
 * their results are asked for, and those that all replicas have called with arrays and settings of
 * their own that fit together become one.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.replica;

import io.tacet.Stability;
