/**
 * Files of named typed arrays: models and checkpoints ({@link io.tacet.checkpoint.ModelFile}), and
 * those of other programs ({@link io.tacet.checkpoint.Safetensors}, {@link
 * io.tacet.checkpoint.Npz}, {@link io.tacet.checkpoint.Npy}).
 *
 * <h2>Format</h2>
 *
 * A {@code .tacet} file is a valid safetensors file, so that Python reads it with {@code
 * safetensors.numpy.load_file}:
 *
 * <ul>
 *   <li>8 bytes: length N of the header, little-endian;
 *   <li>N bytes: a JSON object in UTF-8, padded with spaces to a multiple of 8. Each member names
 *       an entry: {@code "hidden.weights": {"dtype": "F32", "shape": [5, 200], "data_offsets":
 *       [begin, end]}}, offsets counted from the end of the header;
 *   <li>the data: little-endian, row-major, entry after entry without gaps, those of wider elements
 *       first so that every entry is aligned.
 * </ul>
 *
 * <p>What makes it a {@code .tacet} file is kept in the member {@code __metadata__}, which maps
 * strings to strings: first {@code tacet.crc32c}, the CRC-32C of the length and the header with
 * this value's own eight hexadecimal digits read as zeros; then {@code tacet.format}, the version;
 * then {@code tacet.crc32c/NAME} for the data of each entry; then the writer's own metadata. The
 * text up to the value of {@code tacet.crc32c} is the same in all versions and serves as the magic
 * number.
 *
 * <p>So every byte of the file is covered by a check, and a damaged file gives a {@link
 * io.tacet.checkpoint.ModelFormatException}, never other content. Another program that loads and
 * saves such a file drops the checks; the result is a plain safetensors file, which {@link
 * io.tacet.checkpoint.Safetensors} reads.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.checkpoint;

import io.tacet.Stability;
