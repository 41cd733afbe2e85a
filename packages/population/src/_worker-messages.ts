import type { ErrorKind } from '@mnist/kit';
import type { RecipeIdentity } from './load-recipe.js';
import type { PopulationErrorCode } from './population-error.js';
import type { JsonValue, ProgressReport } from './recipe.js';

/** All that a worker process needs to train one net. */
export interface NetTask {
  readonly index: number;
  readonly seed: number;
  readonly recipe: RecipeIdentity;
  readonly config: JsonValue;
  readonly workFolder: string;
  readonly outputFolder: string;
  readonly threads: number;
  /** The device that is the net's alone while it trains. */
  readonly device: string | undefined;
  /** Goes into environment.json. */
  readonly environment: Readonly<Record<string, JsonValue>>;
}

export type ToWorker =
  | { readonly type: 'train'; readonly task: NetTask }
  | { readonly type: 'stop' }
  /** Answer to `checkpointed`: the recipe may write to its work folder again. */
  | { readonly type: 'go-on' };

interface TransportedError {
  readonly code: PopulationErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly stack?: string;
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly progress: ProgressReport }
  | { readonly type: 'log'; readonly message: string }
  | { readonly type: 'checkpointed' }
  | { readonly type: 'trained'; readonly digest: string; readonly metrics: Readonly<Record<string, number>> }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly error: TransportedError };
