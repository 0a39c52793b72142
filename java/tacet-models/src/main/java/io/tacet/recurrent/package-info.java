/**
 * Networks of event-gated recurrent units over sequences: {@link
 * io.tacet.recurrent.RecurrentNetwork} holds the parameters, {@link io.tacet.recurrent.Unroll} runs
 * and differentiates it over a number of steps, and the trainees classify whole sequences ({@link
 * io.tacet.recurrent.SequenceTrainee}) or predict the next token of a text ({@link
 * io.tacet.recurrent.LanguageTrainee}).
 */
package io.tacet.recurrent;
