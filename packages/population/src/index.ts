export type { ClaimDeviceOptions, DeviceClaim } from './claim-device.js';
export { claimDevice } from './claim-device.js';
export type { FloatMatrix } from './float-matrix.js';
export { labelsChecksum } from './labels-checksum.js';
export type { RecipeIdentity } from './load-recipe.js';
export { loadRecipe } from './load-recipe.js';
export type { PopulationManifest } from './manifest.js';
export { readManifest } from './manifest.js';
export type { MemberConfig } from './member-config.js';
export { memberSeed } from './member-seed.js';
export type { Population, StoredFailure } from './open-population.js';
export { openPopulation } from './open-population.js';
export type { NetFailure, PopulationErrorCode, PopulationErrorOptions } from './population-error.js';
export { PopulationError } from './population-error.js';
export type { PopulationEvent, PopulationProgress, RunningNet } from './population-event.js';
export type { PopulationMember } from './population-member.js';
export type { PopulationSummary } from './population-summary.js';
export type { CancelPopulationOptions } from './queue/cancel-population.js';
export { cancelPopulation } from './queue/cancel-population.js';
export type { EnqueuePopulationOptions } from './queue/enqueue-population.js';
export { enqueuePopulation } from './queue/enqueue-population.js';
export { purgeQueue } from './queue/purge-queue.js';
export type { QueueAccessOptions, QueueRemoval, QueueTls } from './queue/queue-access.js';
export type { QueueWorkerEvent } from './queue/queue-worker-event.js';
export type { QueueWorkerSummary } from './queue/queue-worker-summary.js';
export type { QueueWorkerOptions } from './queue/run-queue-worker.js';
export { runQueueWorker } from './queue/run-queue-worker.js';
export type { JsonValue, MemberResult, ProgressReport, Recipe, RecipeContext } from './recipe.js';
export type { SetAsideOptions } from './set-aside.js';
export { setAside } from './set-aside.js';
export type { TrainPopulationOptions } from './train-population.js';
export { trainPopulation } from './train-population.js';
export type {
  FileProblem,
  FileProblemKind,
  NetReport,
  PopulationReport,
  VerifyPopulationOptions,
} from './verify-population.js';
export { verifyPopulation } from './verify-population.js';
