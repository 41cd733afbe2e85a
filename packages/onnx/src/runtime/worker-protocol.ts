import type { StepPlan, TrainingVectors } from './step-plan.js';

/** What a session worker is started with. The buffers are shared memory: a batch is copied once, by the trainer. */
export interface WorkerStart {
  readonly plan: StepPlan;
  readonly images: SharedArrayBuffer;
  readonly targets: SharedArrayBuffer;
}

/** What the worker can be asked to do. It works on one request at a time. */
export type WorkerRequest =
  | { readonly kind: 'step'; readonly step: number; readonly scalars: readonly number[] }
  | { readonly kind: 'predict'; readonly images: Float32Array }
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly vectors: TrainingVectors }
  | { readonly kind: 'dispose' };

/** What the worker reports: ready for work, progress of a prediction, the result of the request, or its failure. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly error: Error; readonly code?: string };
