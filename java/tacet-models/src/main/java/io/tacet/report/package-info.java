/**
 * What a run leaves behind and shows while it runs.
 *
 * <p>{@link io.tacet.report.OutputFolder} holds the files of a run; {@link
 * io.tacet.report.MetricsCsv} and {@link io.tacet.report.TensorBoardWriter} record numbers per
 * epoch; {@link io.tacet.report.LearningCurve}, {@link io.tacet.report.LineChart}, {@link
 * io.tacet.report.SpikeRaster} and {@link io.tacet.report.DecisionMap} are pictures, written as
 * PNG; {@link io.tacet.report.Progress} speaks to the terminal. These take plain numbers and know
 * nothing of networks; {@link io.tacet.report.TrainingReport} and {@link
 * io.tacet.report.TrainingPictures} are the listeners of a training that use them.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.report;

import io.tacet.Stability;
