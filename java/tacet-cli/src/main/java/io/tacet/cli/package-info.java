/** The {@code tacet} command. */
@Stability(Stability.Level.INTERNAL)
package io.tacet.cli;

import io.tacet.Stability;
