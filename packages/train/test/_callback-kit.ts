import '@tensorflow/tfjs-backend-cpu';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingState } from '@mnist/engine';
import { tfjsEngine } from '@mnist/tfjs';
import { afterAll } from 'vitest';
import { type Callback, Trainer, type TrainerOptions } from '../src/index.js';
import { tinyNet, tinySource } from './_tiny.js';

export const engine = tfjsEngine({ backend: 'cpu' });
const root = mkdtempSync(join(tmpdir(), 'mnist-train-callbacks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let files = 0;
export const newPath = (end: string) => join(root, `${files++}${end}`);

export const train = (callbacks: Callback[], more: Partial<TrainerOptions> = {}) =>
  new Trainer({
    model: tinyNet(),
    engine,
    data: tinySource(),
    learningRate: 1e-2,
    callbacks,
    ...more,
  }).train();
export const stopAfter = (steps: number): Callback => ({
  name: 'stop',
  stepEnd: (run) => {
    if (run.step === steps) run.stop('test');
  },
});
/** Keeps the state after every step. */
export function keepStates(): Callback & { states: TrainingState[] } {
  const states: TrainingState[] = [];
  return {
    name: 'keepStates',
    states,
    stepEnd: async (run) => void states.push(await run.session.state()),
  };
}
