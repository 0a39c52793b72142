package io.tacet.sparse;

/** The conformance suite on every backend of the class path. */
class EliminationTest extends EliminationConformance {}
