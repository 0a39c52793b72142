/** Backends that run the native kernels: {@code cuda} on a GPU and {@code host} on the CPU. */
package io.tacet.cuda;
