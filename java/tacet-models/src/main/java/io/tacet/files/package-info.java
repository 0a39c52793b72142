/**
 * Writing and reading whole files safely: {@link io.tacet.files.AtomicFile} replaces a file only by
 * a complete new one, {@link io.tacet.files.Json} is the one place where JSON text is made and
 * read, {@link io.tacet.files.JsonObject} reads its members by type, {@link
 * io.tacet.files.TextFile} reads text in UTF-8 and {@link io.tacet.files.TextTable} tables. A file
 * that is not what it should be is reported by {@link io.tacet.files.FileFormatException} or {@link
 * io.tacet.files.JsonException}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.files;

import io.tacet.Stability;
