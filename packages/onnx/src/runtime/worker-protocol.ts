import type { GateMemory } from './native-gate.js';
import type { StepGraph, StepPlan, TrainingVectors } from './step-plan.js';

/** What a session worker is started with. The buffers are shared memory: a batch is copied once, by the trainer. */
export interface WorkerStart {
  readonly plan: StepPlan;
  readonly images: SharedArrayBuffer;
  readonly targets: SharedArrayBuffer;
  readonly gate: GateMemory;
}

/** What the worker can be asked to do. It works on one request at a time. */
export type WorkerRequest =
  | { readonly kind: 'prepare'; readonly graph: StepGraph }
  | {
      readonly kind: 'steps';
      readonly count: number;
      readonly step: number;
      readonly scalars: readonly (readonly number[])[];
    }
  | { readonly kind: 'rewind' }
  | { readonly kind: 'predict'; readonly images: Float32Array }
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly vectors: TrainingVectors }
  | { readonly kind: 'dispose' };

/** What the worker reports: ready for work, progress of a prediction, the result of the request, or its failure. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly error: Error };
