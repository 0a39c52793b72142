/**
 * The cells, one file each: specification, layer and pass. A new cell is a file here and a line in
 * {@link io.tacet.network.cells.CellReaders}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.network.cells;

import io.tacet.Stability;
