export type { BatchPrint } from './_batch-print.js';
export type { Awaitable, Callback } from './callbacks/callback.js';
export type { CsvLogOptions } from './callbacks/csv-log.js';
export { csvLog } from './callbacks/csv-log.js';
export type { EarlyStoppingOptions } from './callbacks/early-stopping.js';
export { earlyStopping } from './callbacks/early-stopping.js';
export type { JsonlLogOptions } from './callbacks/jsonl-log.js';
export { jsonlLog } from './callbacks/jsonl-log.js';
export type { NanGuardOptions } from './callbacks/nan-guard.js';
export { nanGuard } from './callbacks/nan-guard.js';
export type { ProgressBarOptions } from './callbacks/progress-bar.js';
export { progressBar } from './callbacks/progress-bar.js';
export type { Recorder, TrainingHistory } from './callbacks/recorder.js';
export { recorder } from './callbacks/recorder.js';
export type { TimeLimitOptions } from './callbacks/time-limit.js';
export { timeLimit } from './callbacks/time-limit.js';
export type { ValidationOptions } from './callbacks/validation.js';
export { validation } from './callbacks/validation.js';
export type { WeightAverage, WeightAverageOptions } from './callbacks/weight-average.js';
export { weightAverage } from './callbacks/weight-average.js';
export type { Changeable } from './checkpoint/_reconcile.js';
export type { CheckpointOptions } from './checkpoint/checkpoint.js';
export { checkpoint } from './checkpoint/checkpoint.js';
export type { CheckpointFile } from './checkpoint/checkpoint-folder.js';
export {
  listCheckpoints,
  readCheckpoint,
  readLatestCheckpoint,
  writeCheckpoint,
} from './checkpoint/checkpoint-folder.js';
export type { DistilledBatch, DistilledSource, DistillOptions, Teacher } from './distill.js';
export { distill } from './distill.js';
export type { Evaluation, EvaluationSet } from './evaluate-session.js';
export { evaluateSession } from './evaluate-session.js';
export type { FitModelOptions, FitModelResult } from './fit-model.js';
export { fitModel } from './fit-model.js';
export type { LrFindOptions, LrFindPoint, LrFindResult, LrFindSweep } from './lr-find.js';
export { lrFind } from './lr-find.js';
export type { Progress, ProgressOptions, ProgressStream } from './progress.js';
export { startProgress } from './progress.js';
export type { ReestimateStatisticsOptions } from './reestimate-statistics.js';
export { reestimateStatistics } from './reestimate-statistics.js';
export type { RampOptions } from './schedules/_progress.js';
export type { AnnihilateOptions } from './schedules/annihilate.js';
export { annihilate } from './schedules/annihilate.js';
export { constant } from './schedules/constant.js';
export { cosine } from './schedules/cosine.js';
export { exponential } from './schedules/exponential.js';
export { linear } from './schedules/linear.js';
export type { OneCycleMomentumOptions, OneCycleOptions } from './schedules/one-cycle.js';
export { oneCycle, oneCycleMomentum } from './schedules/one-cycle.js';
export { paperSchedule, paperSteps } from './schedules/paper-schedule.js';
export type { PolynomialOptions } from './schedules/polynomial.js';
export { polynomial } from './schedules/polynomial.js';
export type { SampleScheduleOptions } from './schedules/sample-schedule.js';
export { sampleSchedule } from './schedules/sample-schedule.js';
export type { Schedule, ScheduledValue } from './schedules/schedule.js';
export type { SequenceFraction, SequencePart } from './schedules/sequence.js';
export { sequence } from './schedules/sequence.js';
export type { StepDecayOptions } from './schedules/step-decay.js';
export { stepDecay } from './schedules/step-decay.js';
export type { WarmupOptions } from './schedules/warmup.js';
export { warmup } from './schedules/warmup.js';
export type { SmoothSeriesOptions } from './smooth-series.js';
export { smoothSeries } from './smooth-series.js';
export type { StepResult } from './step-result.js';
export type { LrFindCurvePoint, LrFindStrategy } from './suggest-learning-rates.js';
export { suggestLearningRates } from './suggest-learning-rates.js';
export type { TrainErrorCode } from './train-error.js';
export { TrainError } from './train-error.js';
export { Trainer } from './trainer.js';
export type { TrainerOptions, TrainOptions } from './trainer-options.js';
export { trainerDefaults } from './trainer-options.js';
export type { Participant, TrainingRun } from './training-run.js';
export type {
  CallbackState,
  Metric,
  ScheduleIdentity,
  TrainingIdentity,
  TrainingSnapshot,
} from './training-snapshot.js';
export type { TrainingSummary } from './training-summary.js';
