// Compiled by `tsc -p .` (npm run typecheck): a wrong composition must be a compile error.
import type { BatchSource } from '@mnist/dataset';
import type { Engine, TrainingSession } from '@mnist/engine';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expectTypeOf, test } from 'vitest';
import {
  type Callback,
  checkpoint,
  cosine,
  earlyStopping,
  fitModel,
  linear,
  lrFind,
  oneCycle,
  recorder,
  type Schedule,
  type StepResult,
  sequence,
  Trainer,
  type TrainingSummary,
  validation,
  warmup,
  weightAverage,
} from '../src/index.js';

declare const model: LayersModel;
declare const engine: Engine;
declare const data: BatchSource;
declare const session: TrainingSession;
const needed = { model, engine, data, learningRate: 1e-3 };

test('Trainer', () => {
  const trainer = new Trainer({ ...needed, learningRate: (step) => 1 / (step + 1), momentum: 0.9 });
  expectTypeOf(trainer.train).returns.resolves.toEqualTypeOf<TrainingSummary>();
  expectTypeOf(trainer.trainSteps()).toEqualTypeOf<AsyncGenerator<StepResult, TrainingSummary, void>>();
  // @ts-expect-error the learning rate is required
  new Trainer({ model, engine, data });
  // @ts-expect-error the engine is required
  new Trainer({ model, data, learningRate: 1 });
  // @ts-expect-error a misspelt option
  new Trainer({ ...needed, weigthDecay: 1 });
  // @ts-expect-error a schedule gives a number
  new Trainer({ ...needed, learningRate: (step: number) => String(step) });
  // @ts-expect-error a session is no engine
  new Trainer({ ...needed, engine: session });
  // @ts-expect-error SGD has no beta2
  new Trainer({ ...needed, optimizer: { kind: 'sgd', beta2: 0.9 } });
  // @ts-expect-error there is no such loss
  new Trainer({ ...needed, loss: { kind: 'hinge' } });
  // @ts-expect-error the mean squared error has no label smoothing
  new Trainer({ ...needed, loss: { kind: 'meanSquaredError', labelSmoothing: 0.1 } });
  // @ts-expect-error callbacks are objects, not the functions that make them
  new Trainer({ ...needed, callbacks: [recorder] });
  // @ts-expect-error a schedule is no callback
  new Trainer({ ...needed, callbacks: [linear({ from: 0, to: 1, steps: 2 })] });
  // @ts-expect-error a signal, not a controller
  trainer.train({ signal: new AbortController() });
});

test('schedules', () => {
  expectTypeOf(warmup(cosine({ from: 1, to: 0, steps: 9 }), { steps: 3 })).toEqualTypeOf<Schedule>();
  // @ts-expect-error `to` is missing
  linear({ from: 1, steps: 2 });
  // @ts-expect-error the length goes into the schedule, not beside it
  cosine({ from: 1, to: 0 }, 100);
  // @ts-expect-error a callback is no schedule
  warmup(recorder(), { steps: 3 });
  // @ts-expect-error parts of steps take no total
  sequence([{ steps: 2, schedule: 1 }], { steps: 2 });
  // @ts-expect-error parts of fractions need the total
  sequence([{ fraction: 1, schedule: 1 }]);
  const mixed = [
    { steps: 2, schedule: 1 },
    { fraction: 0.5, schedule: () => linear({ from: 0, to: 1, steps: 2 }) },
  ];
  // @ts-expect-error steps and fractions do not mix
  sequence(mixed, { steps: 4 });
  // @ts-expect-error it is called max
  oneCycle({ maximum: 1, steps: 5 });
});

test('callbacks', () => {
  expectTypeOf(recorder()).toExtend<Callback>();
  expectTypeOf(recorder().history.loss).toEqualTypeOf<number[]>();
  // @ts-expect-error a callback has a name
  const nameless: Callback = { stepEnd: () => undefined };
  // @ts-expect-error there is no such hook
  const misspelt: Callback = { name: 'x', onStepEnd: () => undefined };
  // @ts-expect-error a hook gets the run first
  const swapped: Callback = { name: 'x', stepEnd: (result: StepResult) => void result.loss };
  const writer: Callback = {
    name: 'x',
    stepEnd(run) {
      // @ts-expect-error the run cannot be moved
      run.step = 0;
    },
  };
  void [nameless, misspelt, swapped, writer];
  // @ts-expect-error swa has no half-life
  weightAverage({ kind: 'swa', halfLife: 10 });
  // @ts-expect-error ema needs one
  weightAverage({ kind: 'ema' });
  // @ts-expect-error validation needs labels
  validation({ images: {} as never });
  // @ts-expect-error max or min
  earlyStopping({ mode: 'best' });
  // @ts-expect-error a checkpoint needs a folder
  checkpoint({ everySteps: 10 });
});

test('lrFind and fitModel', () => {
  lrFind({ session, data });
  lrFind({ model, engine, data });
  // @ts-expect-error a model needs an engine
  lrFind({ model, data });
  // @ts-expect-error a session or a model
  lrFind({ data });
  // @ts-expect-error the clock is the trainer's
  fitModel({ model, engine, data, now: () => 0 });
});

test('engines', () => {
  // @ts-expect-error an engine has a name
  const nameless: Engine = { open: async () => session };
  // @ts-expect-error a step needs all three hyperparameters
  void session.step({} as never, { learningRate: 1, momentum: 0.9 });
  void nameless;
});
