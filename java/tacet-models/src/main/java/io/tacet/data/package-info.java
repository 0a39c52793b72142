/**
 * Data sets.
 *
 * <p>Spiking networks consume a {@link io.tacet.data.SpikeDataset}: samples of (time in ms, source)
 * events with a label. Recurrent networks consume {@link io.tacet.data.SequenceData}, such as
 * pixels or intervals of such events, or a {@link io.tacet.data.Text}. {@link
 * io.tacet.data.YinYang} is generated, {@link io.tacet.data.Mnist} is read from the files its
 * authors publish. Data of your own comes from {@code .npz} files ({@link
 * io.tacet.data.NpzSequences}), tables ({@link io.tacet.data.CsvSequences}), lists of spikes and
 * HDF5 files ({@link io.tacet.data.SpikeLists}) or arrays ({@link io.tacet.data.ArraySequences},
 * {@link io.tacet.data.SpikeDatasetBuilder}). A {@link io.tacet.data.Connectome} is read from edge
 * lists, adjacency matrices and Matrix Market files. Files that are missing or not what they should
 * be are reported by {@link io.tacet.data.MissingDataException} and {@link
 * io.tacet.files.FileFormatException}, which name the file, what was expected, what was found and
 * what to do.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.data;

import io.tacet.Stability;
