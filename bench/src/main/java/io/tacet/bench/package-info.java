/** JMH benchmarks, one class per family of operations; {@code bench/run.sh} runs and keeps them. */
package io.tacet.bench;
