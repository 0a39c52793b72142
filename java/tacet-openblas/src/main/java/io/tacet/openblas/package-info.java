/**
 * Dense products of the java backend by OpenBLAS, through the preset of JavaCPP. With this module
 * on the class path they are used without further ado; its natives are for Linux on x86_64, and
 * elsewhere, or where they do not load, products stay those in Java.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.openblas;

import io.tacet.Stability;
