/**
 * What is measured of ND4J. The benchmarks reach it through a class loader of its own, by
 * interfaces of the JDK: {@link java.lang.Runnable} computes, {@link java.util.function.Supplier}
 * tells what came out.
 */
package io.tacet.bench.nd4j;
