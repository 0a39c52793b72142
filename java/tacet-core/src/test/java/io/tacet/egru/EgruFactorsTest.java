package io.tacet.egru;

/** The conformance suite on every backend of the class path. */
class EgruFactorsTest extends EgruFactorsConformance {}
