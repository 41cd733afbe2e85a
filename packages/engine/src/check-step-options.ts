import { type Check, flag, integer, number, oneOf, seed, share, signal } from '@mnist/kit';
import type { StepOptions } from './engine.js';
import { engineOptions as check } from './engine-error.js';
import { type FullStepOptions, fillStepOptions } from './step-defaults.js';

/**
 * The options with their defaults: what `open` does first, for whoever wants to know before there is a session.
 *
 * @throws EngineError `INVALID_OPTION`
 */
export function checkStepOptions(options: StepOptions): FullStepOptions {
  const known = {
    batchSize: undefined,
    loss: undefined,
    optimizer: undefined,
    seed: undefined,
    signal: undefined,
  };
  check.complete('open', options, known, { seed, signal });
  check.require('open', 'batchSize', options.batchSize, integer({ min: 1 }));
  checkLoss(options.loss);
  checkOptimizer(options.optimizer);
  return fillStepOptions(options);
}

function checkLoss(loss: unknown): void {
  if (loss === undefined) return;
  const { kind } = open('loss', loss, ['kind', 'labelSmoothing']);
  check.require('open', 'loss.kind', kind, oneOf('softmaxCrossEntropy', 'meanSquaredError'));
  const checks: Record<string, Check> = kind === 'softmaxCrossEntropy' ? { labelSmoothing: share } : {};
  check.complete(`open: loss '${String(kind)}'`, loss as object, { kind }, checks);
}

function checkOptimizer(optimizer: unknown): void {
  if (optimizer === undefined) return;
  const { kind } = open('optimizer', optimizer, ['kind', 'beta2', 'epsilon', 'nesterov']);
  check.require('open', 'optimizer.kind', kind, oneOf('adam', 'sgd'));
  const checks: Record<string, Check> =
    kind === 'adam'
      ? { beta2: number({ min: 0, below: 1 }), epsilon: number({ above: 0 }) }
      : { nesterov: flag };
  check.complete(`open: optimizer '${String(kind)}'`, optimizer as object, { kind }, checks);
}

function open(what: string, value: unknown, known: readonly string[]): { kind?: unknown } {
  check.refuseUnknown(`open: ${what}`, value, known);
  return value as { kind?: unknown };
}
