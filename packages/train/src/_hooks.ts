import type { Callback } from './callbacks/callback.js';
import { TrainError } from './train-error.js';

type HookName =
  | 'resume'
  | 'trainBegin'
  | 'epochBegin'
  | 'stepBegin'
  | 'stepEnd'
  | 'epochEnd'
  | 'trainEnd'
  | 'error';
type HookArguments<K extends HookName> = Parameters<NonNullable<Callback[K]>>;

/** Those that set `last` after the others, each group in the order of the list. */
export function orderCallbacks(callbacks: readonly Callback[]): Callback[] {
  const names = new Set<string>();
  for (const [i, callback] of callbacks.entries()) {
    if (typeof callback === 'function') {
      const { name } = callback as { name: string };
      throw new TrainError(
        'INVALID_OPTION',
        `callbacks[${i}] is the function '${name}'; call it: ${name}().`,
      );
    }
    if (typeof callback?.name !== 'string' || callback.name === '') {
      throw new TrainError(
        'INVALID_OPTION',
        `callbacks[${i}] has no name; every callback needs one of its own.`,
      );
    }
    if (names.has(callback.name)) {
      throw new TrainError(
        'INVALID_OPTION',
        `Two callbacks are called '${callback.name}'; give one of them another name ({ ...callback, name: '...' }).`,
      );
    }
    names.add(callback.name);
  }
  const ordered = [...callbacks.filter(({ last }) => !last), ...callbacks.filter(({ last }) => last)];
  checkFinalWeights(ordered);
  return ordered;
}

/**
 * The weights that a training ends with are the last step's, or those that one callback chooses: of two, the order of the list
 * would decide silently. `trainEnd` runs in reverse, so who looks at the choice stands before it.
 */
function checkFinalWeights(ordered: readonly Callback[]): void {
  const choosing = ordered.filter(({ choosesFinalWeights }) => choosesFinalWeights);
  if (choosing.length > 1) {
    const names = choosing.map(({ name }) => `'${name}'`).join(' and ');
    throw new TrainError(
      'INVALID_OPTION',
      `${names} would each choose the weights that the model ends with. Keep one; earlyStopping({ restoreBest: false }) only stops.`,
    );
  }
  const early = ordered.slice(ordered.findIndex(({ choosesFinalWeights }) => choosesFinalWeights) + 1);
  const misplaced = choosing.length > 0 && early.find(({ needsFinalWeights }) => needsFinalWeights);
  if (misplaced) {
    throw new TrainError(
      'INVALID_OPTION',
      `'${misplaced.name}' measures the final weights, which '${choosing[0]!.name}' chooses: put it before that in the list (the end runs in reverse).`,
    );
  }
}

/** Runs one hook of each callback in turn. What a hook throws is wrapped, so that the callback is named. */
export async function runHooks<K extends HookName>(
  callbacks: readonly Callback[],
  hook: K,
  ...args: HookArguments<K>
): Promise<void> {
  for (const callback of callbacks) await runHook(callback, hook, ...args);
}

export async function runHook<K extends HookName>(
  callback: Callback,
  hook: K,
  ...args: HookArguments<K>
): Promise<Awaited<ReturnType<NonNullable<Callback[K]>>> | undefined> {
  const run = callback[hook] as ((...values: unknown[]) => unknown) | undefined;
  if (!run) return undefined;
  try {
    return (await run.apply(callback, args)) as Awaited<ReturnType<NonNullable<Callback[K]>>>;
  } catch (error) {
    if (error instanceof TrainError) throw error;
    throw new TrainError(
      'CALLBACK_FAILED',
      `The callback '${callback.name}' failed in '${hook}': ${(error as Error)?.message ?? String(error)}`,
      { cause: error },
    );
  }
}
