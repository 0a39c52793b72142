/** Measures by which the behaviour and the codes of systems are compared with publications. */
package io.tacet.analysis;
