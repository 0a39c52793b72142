/** JMH benchmarks, one class per family of operations; {@code ./tacet bench} runs them. */
package io.tacet.bench;
