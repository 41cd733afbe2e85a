import type { Engine, GroupedStep } from '@mnist/engine';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { type Callback, nanGuard, recorder, Trainer, weightAverage } from '../src/index.js';
import { engine, keepStates, stopAfter, train } from './_callback-kit.js';
import { stateBytes, tinyNet, tinySource, weightsOf } from './_tiny.js';

/** The same engine, with groups of `size` steps; writes down how many steps each call took, and what was taken back. */
function grouped(size: number): Engine & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    name: 'grouped',
    calls,
    async open(model, options) {
      const session = await engine.open(model, options);
      const run = async (steps: readonly GroupedStep[]) => {
        const results: { loss: number }[] = [];
        for (const { batch, hyper } of steps) results.push(await session.step(batch, hyper));
        return results;
      };
      let last: { readonly before: Awaited<ReturnType<typeof session.state>>; steps: readonly GroupedStep[] };
      return Object.assign(session, {
        group: {
          size,
          async steps(steps: readonly GroupedStep[]) {
            calls.push(`${steps.length}`);
            last = { before: await session.state(), steps };
            // All or nothing, as the contract wants it.
            return run(steps).catch(async (error) => {
              await session.restore(last.before);
              throw error;
            });
          },
          async keep(count: number) {
            calls.push(`keep ${count} of ${last.steps.length}`);
            await session.restore(last.before);
            await run(last.steps.slice(0, count));
          },
        },
      });
    },
  };
}

/** What a training leaves: losses, hooks in their order, final weights. */
async function outcome(own: Engine, more: readonly Callback[] = [], source = tinySource()) {
  const log: string[] = [];
  const losses: number[] = [];
  const model = tinyNet();
  const watch: Callback = {
    name: 'watch',
    epochBegin: (_run, epoch) => void log.push(`epoch ${epoch}`),
    stepBegin: (_run, { step, learningRate }) => void log.push(`begin ${step} ${learningRate}`),
    stepEnd: (run, { step, loss }) => {
      log.push(`end ${step} ${run.step}`);
      losses.push(loss);
    },
    epochEnd: (_run, epoch) => void log.push(`epoch end ${epoch}`),
  };
  const summary = await train([watch, ...more], {
    engine: own,
    model,
    data: source,
    learningRate: (step) => 1e-2 / (1 + step),
  });
  return { log, losses, reason: summary.reason, steps: summary.steps, weights: weightsOf(model) };
}

describe('steps in groups', () => {
  it('change nothing: hooks, losses and weights are those of single steps', async () => {
    const own = grouped(3);
    expect(await outcome(own)).toEqual(await outcome(engine));
    // Ten steps in two epochs of five: a group ends with its epoch.
    expect(own.calls).toEqual(['3', '2', '3', '2']);
  });

  it('whoever looks at the session finds it after the step that is told', async () => {
    const [seen, wanted] = [keepStates(), keepStates()];
    const own = grouped(4);
    expect(await outcome(own, [seen])).toEqual(await outcome(engine, [wanted]));
    expect(seen.states.map(stateBytes)).toEqual(wanted.states.map(stateBytes));
    expect(own.calls.slice(0, 4)).toEqual(['4', 'keep 1 of 4', '4', 'keep 1 of 4']);
  });

  it('a stop in the middle of a group leaves the weights of that step', async () => {
    expect(await outcome(grouped(4), [stopAfter(2)])).toEqual(await outcome(engine, [stopAfter(2)]));
  });

  it('so does a loop that is left', async () => {
    const weights = [];
    for (const own of [engine, grouped(4)]) {
      const model = tinyNet();
      const trainer = new Trainer({ model, engine: own, data: tinySource(), learningRate: 1e-2 });
      for await (const { step } of trainer.trainSteps()) if (step === 6) break;
      weights.push(weightsOf(model));
    }
    expect(weights[1]).toEqual(weights[0]);
  });

  it('callbacks that read and replace the weights get what they get of single steps', async () => {
    const callbacks = () => [
      recorder(),
      nanGuard({ everySteps: 3 }),
      weightAverage({ kind: 'ema', halfLife: 2, reestimateBatches: 0 }),
    ];
    expect(await outcome(grouped(4), callbacks())).toEqual(await outcome(engine, callbacks()));
  });

  it('a source that reuses its memory, ends early or fails is read as by single steps', async () => {
    const reusing = () => {
      const source = tinySource();
      let shared: Float32Array | undefined;
      const targets = ndarray(new Float32Array(source.batchSize * 3), [source.batchSize, 3]);
      return {
        ...source,
        async *iterate(start?: number) {
          for await (const batch of source.iterate(start)) {
            shared ??= batch.images.data as Float32Array;
            targets.data.fill(0);
            for (const [i, label] of Array.from(batch.labels.data).entries()) targets.set(i, label, 1);
            if (shared !== batch.images.data) shared.set(batch.images.data as Float32Array);
            (batch.images as { data: Float32Array }).data = shared;
            yield { ...batch, targets };
          }
        },
      };
    };
    expect(await outcome(grouped(4), [], reusing())).toEqual(await outcome(engine));

    const failing = (at: number) => {
      const source = tinySource();
      return {
        ...source,
        async *iterate(start?: number) {
          for await (const batch of source.iterate(start)) {
            if (batch.step === at) throw new Error('the disk is gone');
            yield batch;
          }
        },
      };
    };
    const counts = [];
    for (const own of [engine, grouped(4)]) {
      const losses = recorder();
      await expect(train([losses], { engine: own, data: failing(7) })).rejects.toThrow('the disk is gone');
      counts.push(losses.history.loss);
    }
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[0]).toHaveLength(7);
  });

  it('a batch that is refused, or a schedule that fails, takes nothing of the steps before', async () => {
    const mislabelled = () => {
      const source = tinySource();
      return {
        ...source,
        async *iterate(start?: number) {
          for await (const batch of source.iterate(start)) {
            if (batch.step === 3) batch.labels.data[0] = 200;
            yield batch;
          }
        },
      };
    };
    // A schedule is asked for samples before the training as well.
    let begun = false;
    const broken = (step: number) => {
      if (begun && step === 3) throw new Error('no such rate');
      return 1e-2;
    };
    const begin: Callback = {
      name: 'begin',
      trainBegin: () => {
        begun = true;
      },
    };
    const failures = [
      { more: { data: mislabelled() }, message: /200/ },
      { more: { learningRate: broken }, message: 'no such rate' },
    ];
    for (const { more, message } of failures) {
      const outcomes = [];
      for (const own of [engine, grouped(4)]) {
        const model = tinyNet();
        const losses = recorder();
        begun = false;
        await expect(train([begin, losses], { engine: own, model, ...more })).rejects.toThrow(message);
        expect(losses.history.loss).toHaveLength(3);
        outcomes.push({ losses: losses.history.loss, weights: weightsOf(model) });
      }
      expect(outcomes[1]).toEqual(outcomes[0]);
    }
  });

  it('what was drawn while steps were computed was not waited for', async () => {
    let time = 0;
    const slow = (seconds: number) => {
      const source = tinySource({ epochs: 1, batchesPerEpoch: 6 });
      return {
        ...source,
        async *iterate(start?: number) {
          for await (const batch of source.iterate(start)) {
            time += 1000 * seconds;
            yield batch;
          }
        },
      };
    };
    const own = grouped(2);
    const timed: Engine = {
      ...own,
      async open(model, options) {
        const session = await own.open(model, options);
        const { group } = session;
        const steps = async (taken: readonly GroupedStep[]) => {
          const results = await group!.steps(taken);
          // Long after the next batches were drawn.
          await new Promise((resolve) => setTimeout(resolve, 50));
          time += 10_000;
          return results;
        };
        return Object.assign(session, { group: { ...group!, steps } });
      },
    };
    const results = [];
    const trainer = new Trainer({
      model: tinyNet(),
      engine: timed,
      data: slow(1),
      learningRate: 1e-2,
      now: () => time,
    });
    for await (const { dataSeconds } of trainer.trainSteps()) results.push(dataSeconds);
    // The first group's two batches were waited for, the others drawn beside a group.
    expect(results).toEqual([1, 1, 0, 0, 0, 0]);
  });
});
