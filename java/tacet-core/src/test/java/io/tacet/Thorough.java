package io.tacet;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A test that takes long, or repeats under other conditions what another test shows: it runs where
 * {@code -Dtacet.tests=all} asks for it, as {@code ci/test.sh} does, and is reported as skipped
 * elsewhere, so that {@code mvn verify} takes minutes.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = "tacet.tests",
    matches = "all",
    disabledReason = "takes long; -Dtacet.tests=all runs it")
public @interface Thorough {

  /** Whether all tests are asked for, for those that choose among their own cases. */
  final class Tests {
    private Tests() {}

    /** See the class. */
    public static boolean all() {
      return "all".equals(System.getProperty("tacet.tests"));
    }
  }
}
