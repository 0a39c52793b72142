package io.tacet.rewire;

/** The conformance suite on every backend of the class path. */
class RewiringTest extends RewiringConformance {}
