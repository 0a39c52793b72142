/**
 * Data sets as spike trains.
 *
 * <p>Everything ends in a {@link io.tacet.data.SpikeDataset}: samples of (time in ms, source)
 * events with a label, which is what training consumes. {@link io.tacet.data.YinYang} is generated,
 * {@link io.tacet.data.Mnist} is read from the files its authors publish. Files that are missing or
 * not what they should be are reported by {@link io.tacet.data.MissingDataException} and {@link
 * io.tacet.data.DataFormatException}, which name the file, what was expected, what was found and
 * what to do.
 */
package io.tacet.data;
