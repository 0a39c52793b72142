/**
 * The cells, one file each: specification, layer and pass. A new cell is a file here and a line in
 * {@link io.tacet.network.cells.CellReaders}.
 */
package io.tacet.network.cells;
