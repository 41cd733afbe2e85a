import { checkChoice, checkNumber, checkOptionNames } from './_check-options.js';
import type { Loss, Optimizer, StepOptions } from './engine.js';

/** Throws unless these are options that every engine can honour. */
export function checkStepOptions(owner: string, options: StepOptions): void {
  checkOptionNames(owner, options, ['batchSize', 'loss', 'optimizer', 'seed']);
  checkNumber('batchSize', options.batchSize, { integer: true, min: 1 });
  if (options.loss !== undefined) checkLoss(options.loss);
  if (options.optimizer !== undefined) checkOptimizer(options.optimizer);
  if (options.seed !== undefined) checkNumber('seed', options.seed, { integer: true });
}

export function checkLoss(loss: Loss): void {
  const { kind } = loss;
  checkChoice('loss.kind', kind, ['softmaxCrossEntropy', 'meanSquaredError']);
  checkOptionNames(
    `loss '${kind}'`,
    loss,
    kind === 'softmaxCrossEntropy' ? ['kind', 'labelSmoothing'] : ['kind'],
  );
  if (loss.kind === 'softmaxCrossEntropy' && loss.labelSmoothing !== undefined) {
    checkNumber('loss.labelSmoothing', loss.labelSmoothing, { min: 0, max: 1 });
  }
}

export function checkOptimizer(optimizer: Optimizer): void {
  checkChoice('optimizer.kind', optimizer.kind, ['adam', 'sgd']);
  if (optimizer.kind === 'adam') {
    checkOptionNames("optimizer 'adam'", optimizer, ['kind', 'beta2', 'epsilon']);
    if (optimizer.beta2 !== undefined) checkNumber('optimizer.beta2', optimizer.beta2, { min: 0, below: 1 });
    if (optimizer.epsilon !== undefined) checkNumber('optimizer.epsilon', optimizer.epsilon, { above: 0 });
  } else {
    checkOptionNames("optimizer 'sgd'", optimizer, ['kind', 'nesterov']);
    const { nesterov } = optimizer;
    if (nesterov !== undefined) checkChoice('optimizer.nesterov', String(nesterov), ['true', 'false']);
  }
}
