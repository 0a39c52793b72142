/**
 * Optimisers that update parameters in place on any backend, and learning-rate schedules.
 *
 * @since 0.1
 */
package io.tacet.optim;
