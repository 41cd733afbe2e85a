import type { Batch } from '@mnist/dataset';
import { checkStepOptions, type GroupedStep, type Hyperparameters } from '@mnist/engine';
import { number } from '@mnist/kit';
import { ActiveRun } from './_active-run.js';
import { orderCallbacks, runHook, runHooks } from './_hooks.js';
import { BatchQueue, copyOf, type DrawnBatch, LookAheadSession } from './_look-ahead.js';
import { check } from './_options.js';
import { identityOf, valueAt } from './_training-identity.js';
import type { Callback } from './callbacks/callback.js';
import type { StepResult } from './step-result.js';
import { TrainError } from './train-error.js';
import { type TrainerOptions, type TrainOptions, trainerDefaults } from './trainer-options.js';
import type { TrainingSummary } from './training-summary.js';

const optionNames: readonly (keyof TrainerOptions)[] = [
  'model',
  'engine',
  'data',
  'learningRate',
  'momentum',
  'weightDecay',
  'loss',
  'optimizer',
  'callbacks',
  'seed',
  'now',
];

/**
 * Runs a model through its batches: hyperparameters by schedule, callbacks around every step, the final weights written
 * into the model. It adds nothing to the gradient; a bare loop over `engine.open(...)` and `session.step(...)` trains alike.
 *
 * @throws TrainError on any option that is unknown or out of range
 */
export class Trainer {
  readonly #options: Required<TrainerOptions>;
  readonly #callbacks: readonly Callback[];
  #running = false;

  constructor(options: TrainerOptions) {
    check.refuseUnknown('Trainer', options, optionNames);
    for (const name of ['model', 'engine', 'data'] as const) {
      if (!options[name]) throw new TrainError('INVALID_OPTION', `Trainer needs the option '${name}'.`);
    }
    for (const name of ['learningRate', 'momentum', 'weightDecay'] as const) {
      const value = options[name];
      if (value === undefined && name !== 'learningRate') continue;
      if (typeof value !== 'function') check.require('Trainer', name, value, number({ min: 0 }));
    }
    const { batchSize } = options.data;
    const { loss, optimizer, seed } = checkStepOptions({
      batchSize,
      loss: options.loss,
      optimizer: options.optimizer,
      seed: options.seed,
    });
    this.#callbacks = orderCallbacks(options.callbacks ?? []);
    this.#options = {
      ...trainerDefaults,
      callbacks: [],
      now: () => performance.now(),
      ...definedOnly(options),
      loss,
      optimizer,
      seed,
    };
  }

  /** Trains to the end of the data, or until the signal or a callback stops it. */
  async train(options: TrainOptions = {}): Promise<TrainingSummary> {
    const steps = this.trainSteps(options);
    for (;;) {
      const next = await steps.next();
      if (next.done) return next.value;
    }
  }

  /**
   * The same, one step at a time: `for await (const { step, loss } of trainer.trainSteps()) ...`. Leaving the loop ends the
   * training in good order: callbacks finish and the model gets the weights so far.
   */
  async *trainSteps(options: TrainOptions = {}): AsyncGenerator<StepResult, TrainingSummary, void> {
    check.refuseUnknown('train', options, ['signal']);
    if (this.#running) {
      throw new TrainError(
        'ALREADY_RUNNING',
        'This Trainer is training already. Await it, or make another Trainer.',
      );
    }
    this.#running = true;
    try {
      return yield* this.#runSteps(options.signal);
    } finally {
      this.#running = false;
    }
  }

  async *#runSteps(signal: AbortSignal | undefined): AsyncGenerator<StepResult, TrainingSummary, void> {
    const { model, engine, data, loss, optimizer, seed, now } = this.#options;
    const identity = identityOf(this.#options, data, this.#callbacks);
    const opened = await engine.open(model, { batchSize: data.batchSize, loss, optimizer, seed });
    const session = opened.group ? new LookAheadSession(opened, opened.group, now) : opened;
    const run = new ActiveRun(session, data, identity, this.#options, this.#callbacks, now);
    const started = now();
    const reversed = [...this.#callbacks].reverse();
    let lastLoss: number | undefined;
    let finished = false;
    let failed = false;
    const summarize = (): TrainingSummary => ({
      reason: run.stopReason ?? (run.step === run.totalSteps ? 'completed' : 'left'),
      detail: run.stopDetail,
      steps: run.step,
      loss: lastLoss,
      seconds: (now() - started) / 1000,
      resumedFrom: run.resumedFrom,
      metrics: Object.fromEntries([...run.metrics].map(([name, { value }]) => [name, value])),
    });
    const finish = async () => {
      finished = true;
      await runHooks(reversed, 'trainEnd', run, summarize());
      await session.writeBack();
    };
    try {
      await resume(run);
      await runHooks(this.#callbacks, 'trainBegin', run);
      for await (const result of this.#loop(run, signal)) {
        lastLoss = result.loss;
        yield result;
      }
      await finish();
      return summarize();
    } catch (error) {
      failed = true;
      throw await this.#fail(run, reversed, error);
    } finally {
      // Reached without either when the consumer leaves its loop: the generator is closed at the yield.
      try {
        if (!finished && !failed) await finish();
      } finally {
        await session.dispose();
      }
    }
  }

  async *#loop(run: ActiveRun, signal: AbortSignal | undefined): AsyncGenerator<StepResult, void, void> {
    const { data, now } = this.#options;
    const mustStop = () => {
      if (signal?.aborted && run.step < run.totalSteps) run.stop('aborted', abortDetail(signal));
      return run.stopReason !== undefined;
    };
    if (mustStop() || run.step >= run.totalSteps) return;
    let epoch = -1;
    const queue = new BatchQueue(data.iterate(run.step), now);
    try {
      for (let drawn = await queue.next(); drawn; drawn = await queue.next()) {
        if (mustStop()) return;
        checkPosition(drawn.batch, run.step);
        if (drawn.batch.epoch !== epoch) {
          epoch = drawn.batch.epoch;
          await runHooks(this.#callbacks, 'epochBegin', run, epoch);
        }
        const result = await this.#takeStep(run, drawn, queue);
        await runHooks(this.#callbacks, 'stepEnd', run, result);
        if (result.lastInEpoch) await runHooks(this.#callbacks, 'epochEnd', run, epoch);
        yield result;
        if (mustStop()) return;
      }
    } finally {
      await queue.close();
    }
    if (run.step < run.totalSteps) {
      throw new TrainError(
        'INVALID_BATCH',
        `The data ended after batch ${run.step - 1}, but it announced ${run.totalSteps} batches (totalBatches).`,
      );
    }
  }

  async #takeStep(run: ActiveRun, { batch, seconds }: DrawnBatch, queue: BatchQueue): Promise<StepResult> {
    const { now } = this.#options;
    const { step, session } = run;
    const hyper = this.#hyperAt(step);
    const lastInEpoch = this.#isLastInEpoch(step);
    const upcoming = { step, epoch: batch.epoch, lastInEpoch, dataSeconds: seconds, ...hyper };
    await runHooks(this.#callbacks, 'stepBegin', run, upcoming);
    const isFull = batch.images.shape[0] === this.#options.data.batchSize;
    if (session instanceof LookAheadSession && isFull) {
      const own = copyOf(batch);
      const result = await session.take(
        { batch: own, hyper },
        (position) => this.#following(step, position, queue),
        (position, computed) => queue.prepare(position, computed),
      );
      run.advance(own);
      return { ...upcoming, ...result };
    }
    const started = now();
    const { loss } = await session.step(batch, hyper);
    run.advance(batch);
    return { ...upcoming, loss, seconds: (now() - started) / 1000 };
  }

  /** The step `position` places after `step`, if it belongs to the same epoch: at its end others look at the session. */
  async #following(step: number, position: number, queue: BatchQueue): Promise<GroupedStep | undefined> {
    if (this.#isLastInEpoch(step + position - 1)) return undefined;
    const batch = await queue.ahead(position);
    if (batch?.step !== step + position || batch.images.shape[0] !== this.#options.data.batchSize) {
      return undefined;
    }
    try {
      return { batch, hyper: this.#hyperAt(step + position) };
    } catch {
      // A schedule that fails does so when its step's turn comes.
      return undefined;
    }
  }

  #hyperAt(step: number): Hyperparameters {
    const { learningRate, momentum, weightDecay } = this.#options;
    return {
      learningRate: valueAt(learningRate, step),
      momentum: valueAt(momentum, step),
      weightDecay: valueAt(weightDecay, step),
    };
  }

  #isLastInEpoch(step: number): boolean {
    const { batchesPerEpoch, totalBatches } = this.#options.data;
    return (step + 1) % batchesPerEpoch === 0 || step + 1 === totalBatches;
  }

  /** Tells the callbacks, saves what can be saved, and gives back the error to throw. */
  async #fail(run: ActiveRun, callbacks: readonly Callback[], error: unknown): Promise<unknown> {
    const failures: unknown[] = [];
    for (const callback of callbacks) {
      await runHook(callback, 'error', run, error).catch((failure) => failures.push(failure));
    }
    // An engine that has failed cannot hand out weights; its own error is the one that matters.
    await run.session.writeBack().catch(() => undefined);
    if (failures.length === 0) return error;
    return new AggregateError(
      [error, ...failures],
      `${(error as Error)?.message ?? String(error)} (and ${failures.length} callback(s) failed while handling it)`,
    );
  }
}

/** The first callback that offers a state decides; one whose offer turns out to be damaged is asked again. */
async function resume(run: ActiveRun): Promise<void> {
  for (const callback of run.callbacks) {
    let rejected: { readonly error: TrainError; readonly step: number } | undefined;
    for (;;) {
      const snapshot = await runHook(callback, 'resume', run, rejected?.error);
      if (!snapshot) break;
      const { step } = snapshot.state;
      if (rejected && step >= rejected.step) throw rejected.error;
      try {
        return await run.resume(snapshot);
      } catch (error) {
        if (!(error instanceof TrainError) || error.code !== 'CHECKPOINT_CORRUPT') throw error;
        rejected = { error, step };
      }
    }
  }
}

function checkPosition(batch: Batch, step: number): void {
  if (batch.step === step) return;
  throw new TrainError(
    'INVALID_BATCH',
    `The data gave batch ${batch.step} where batch ${step} was due; iterate(start) must begin with batch 'start'.`,
  );
}

function abortDetail({ reason }: AbortSignal): string | undefined {
  return typeof reason === 'string' ? reason : (reason as Error | undefined)?.message;
}

function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
