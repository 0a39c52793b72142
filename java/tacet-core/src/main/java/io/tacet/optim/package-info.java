/** Optimisers that update parameters in place on any backend, and learning-rate schedules. */
package io.tacet.optim;
