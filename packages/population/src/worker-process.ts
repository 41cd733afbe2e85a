// Entry of a worker process: imports the recipe of argv[2] and trains the nets that its parent names.
import { cpus, hostname } from 'node:os';
import { errorKind } from '@mnist/kit';
import { toJsonValue } from './_json.js';
import { writeMemberFiles } from './_member-files.js';
import { storageCause, storageError } from './_typed-errors.js';
import type { FromWorker, NetTask, ToWorker } from './_worker-messages.js';
import { loadRecipe } from './load-recipe.js';
import { PopulationError } from './population-error.js';
import type { ProgressReport, Recipe } from './recipe.js';

/** Reports between two messages to the parent are dropped, ms. */
const REPORT_INTERVAL = 200;

let stop = new AbortController();
let goOn: (() => void) | undefined;

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

// Without the parent nobody can publish the net, and another process will claim it: end at once. The checkpoints
// on disk are what the next owner resumes from.
process.on('disconnect', () => process.exit(1));
// A terminal sends Ctrl-C to the whole group; whether to stop is the parent's decision.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => stop.abort(stopReason('The worker process got SIGTERM')));

process.on('message', (message: ToWorker) => {
  if (message.type === 'train') void train(message.task);
  else if (message.type === 'stop') stop.abort(stopReason('The run was aborted'));
  else goOn?.();
});

const loading = loadRecipe(process.argv[2]!);
loading.then(
  () => send({ type: 'ready' }),
  () => {}, // The first task reports it.
);

async function train(task: NetTask): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  try {
    const recipe = await loading;
    assertRecipe(recipe, task);
    const started = new Date();
    const result = await recipe.train({
      index: task.index,
      seed: task.seed,
      config: task.config,
      workFolder: task.workFolder,
      outputFolder: task.outputFolder,
      threads: task.threads,
      device: task.device,
      signal,
      report: reporter(),
      log: (text) => send({ type: 'log', message: String(text) }),
      checkpointed: () =>
        new Promise((resolve) => {
          goOn = resolve;
          send({ type: 'checkpointed' });
        }),
    });
    const finished = new Date();
    const { index, seed, config } = task;
    const checksums = await writeMemberFiles(
      task.outputFolder,
      { index, seed, recipe: task.recipe, config },
      result,
      {
        ...task.environment,
        started: started.toISOString(),
        finished: finished.toISOString(),
        sessionSeconds: (finished.getTime() - started.getTime()) / 1000,
        host: hostname(),
        platform: process.platform,
        architecture: process.arch,
        processor: cpus()[0]?.model.trim() ?? 'unknown',
        cores: cpus().length,
        node: process.versions.node,
        threads: task.threads,
        ...(task.device === undefined ? {} : { device: task.device }),
      },
    );
    send({ type: 'trained', digest: checksums.digest, metrics: result.metrics });
  } catch (error) {
    if (signal.aborted && !(error instanceof PopulationError && error.code === 'INVALID_RESULT')) {
      send({ type: 'stopped' });
      return;
    }
    const { code, kind, message } = toRecipeError(error);
    send({
      type: 'failed',
      error: { code, kind, message, stack: error instanceof Error ? error.stack : undefined },
    });
  }
}

/** What a recipe threw, told apart by who can mend it: a full disk and a wrong setting are no fault of this net. */
function toRecipeError(error: unknown): PopulationError {
  if (error instanceof PopulationError) return error;
  const text = error instanceof Error ? error.message : String(toText(error));
  const storage = storageCause(error);
  if (storage !== undefined) {
    const about = error === storage ? '' : `The recipe threw: ${text} `;
    const { message, cause } = storageError(storage);
    return new PopulationError('STORAGE_FAILED', `${about}${message}`, { cause });
  }
  return new PopulationError('RECIPE_FAILED', `The recipe threw: ${text}`, { kind: errorKind(error) });
}

function assertRecipe(recipe: Recipe, task: NetTask): void {
  if (recipe.name === task.recipe.name && recipe.version === task.recipe.version) return;
  throw new PopulationError(
    'INVALID_RECIPE',
    `The module ${process.argv[2]} now exports recipe ${recipe.name} ${recipe.version}; the run began with ` +
      `${task.recipe.name} ${task.recipe.version}. Start the run again.`,
  );
}

/** Sends the first, the last and a few reports a second. */
function reporter(): (progress: ProgressReport) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const { step, totalSteps } = progress;
    if (!(step >= 0 && totalSteps >= 1 && step <= totalSteps)) {
      throw new RangeError(`report() got step ${step} of ${totalSteps}; expected 0 <= step <= totalSteps`);
    }
    const now = performance.now();
    if (now - last < REPORT_INTERVAL && step < totalSteps) return;
    last = now;
    send({ type: 'progress', progress: { ...progress } });
  };
}

function stopReason(message: string): PopulationError {
  return new PopulationError('ABORTED', `${message}; checkpoint and stop.`);
}

function toText(value: unknown): unknown {
  try {
    return JSON.stringify(toJsonValue(value, 'error', 'INVALID_RESULT'));
  } catch {
    return value;
  }
}
