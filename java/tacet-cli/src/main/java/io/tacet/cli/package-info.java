/** The {@code tacet} command. */
package io.tacet.cli;
