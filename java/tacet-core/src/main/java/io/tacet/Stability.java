package io.tacet;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How far an application can rely on a package, or on a type where it differs from its package.
 * Every package is marked.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.PACKAGE, ElementType.TYPE})
public @interface Stability {
  /** How far. */
  Level value();

  /** What may change, and when. */
  enum Level {
    /**
     * What is public stays compatible, in source and binary, in all versions that differ in the
     * last number only. What changes with another number is in the changelog, with what to write
     * instead.
     */
    STABLE,

    /** May change in every version, to the better; what changes is in the changelog. */
    EXPERIMENTAL,

    /** Public for other modules of Tacet only, and may change or vanish in every version. */
    INTERNAL
  }
}
