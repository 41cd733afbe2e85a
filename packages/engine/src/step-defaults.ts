import type { Loss, Optimizer, StepOptions } from './engine.js';

/** What `open` fills in; the only place where these numbers stand. */
export const stepDefaults = {
  loss: { kind: 'softmaxCrossEntropy', labelSmoothing: 0 },
  adam: { beta2: 0.99, epsilon: 1e-8 },
  sgd: { nesterov: false },
  seed: 0,
} as const;

/** A loss with its defaults filled in. */
export type FullLoss =
  | { readonly kind: 'softmaxCrossEntropy'; readonly labelSmoothing: number }
  | { readonly kind: 'meanSquaredError' };

/** An optimiser with its defaults filled in. */
export type FullOptimizer =
  | { readonly kind: 'adam'; readonly beta2: number; readonly epsilon: number }
  | { readonly kind: 'sgd'; readonly nesterov: boolean };

export interface FullStepOptions {
  readonly batchSize: number;
  readonly loss: FullLoss;
  readonly optimizer: FullOptimizer;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

function fillLoss(loss: Loss = stepDefaults.loss): FullLoss {
  return loss.kind === 'softmaxCrossEntropy'
    ? { ...stepDefaults.loss, ...defined(loss) }
    : { kind: loss.kind };
}

function fillOptimizer(optimizer: Optimizer = { kind: 'adam' }): FullOptimizer {
  return optimizer.kind === 'adam'
    ? { ...stepDefaults.adam, ...defined(optimizer) }
    : { ...stepDefaults.sgd, ...defined(optimizer) };
}

export function fillStepOptions({ batchSize, loss, optimizer, seed, signal }: StepOptions): FullStepOptions {
  return {
    batchSize,
    loss: fillLoss(loss),
    optimizer: fillOptimizer(optimizer),
    seed: seed ?? stepDefaults.seed,
    signal,
  };
}

/** Options given as undefined count as absent. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
