/**
 * Writing and reading whole files safely: {@link io.tacet.files.AtomicFile} replaces a file only by
 * a complete new one, {@link io.tacet.files.Json} is the one place where JSON text is made and
 * read.
 */
package io.tacet.files;
