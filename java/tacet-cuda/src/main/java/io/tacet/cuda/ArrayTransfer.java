package io.tacet.cuda;

/**
 * A whole Java array and the device memory that it is copied to or from.
 *
 * @param array {@code float[]}, {@code double[]}, {@code int[]} or {@code short[]}
 * @param address of the first element on the device
 * @param bytes of all elements
 * @param block address of the allocation; what lies side by side in one is copied at once, with
 *     what fills the space between
 */
public record ArrayTransfer(Object array, long address, long bytes, long block) {}
