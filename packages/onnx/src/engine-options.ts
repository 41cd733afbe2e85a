import type { Loss, Optimizer, StepOptions } from '@mnist/train';
import { OnnxEngineError } from './errors.js';
import type { LoweringName } from './lowering/lowering.js';
import type { Provider } from './runtime/step-plan.js';

export interface OnnxEngineOptions {
  /** Execution provider of ONNX Runtime. Default 'cpu'. `availableProviders()` lists what the installed build has. */
  readonly provider?: Provider;
  /**
   * Threads of one training session. Default 1. Results depend on this number (sums are split differently), on nothing
   * else of the machine's load. Several nets side by side are fastest with one thread each.
   */
  readonly threads?: number;
  /** How the graph is written. Default 'auto': 'blocked' where a start-up probe finds it right, else 'portable'. */
  readonly lowering?: 'auto' | LoweringName;
  /** Runs sessions on worker threads, so that the event loop goes on during a step. Default true. */
  readonly worker?: boolean;
  /** Keeps an exponential moving average of the parameters: `predict` and `writeBack` use it. Default: none. */
  readonly averaging?: {
    /** Share of the old average kept at each step, 0 <= decay < 1; 0.999 averages about the last 1,000 steps. */
    readonly decay: number;
  };
  /** Most images in one evaluation pass of `predict`. Default 100. */
  readonly predictBatchSize?: number;
  /** Cancels: pending calls of the engine's sessions reject with SESSION_CLOSED. Needs `worker: true`. */
  readonly signal?: AbortSignal;
  /** Called after each evaluation pass of `predict`, with the number of images done and in total. */
  readonly onPredictProgress?: (done: number, total: number) => void;
  /** Receives a sentence when the engine falls back to the portable lowering. Default: `process.emitWarning`. */
  readonly onNotice?: (message: string) => void;
}

export const engineDefaults = {
  provider: 'cpu',
  threads: 1,
  lowering: 'auto',
  worker: true,
  predictBatchSize: 100,
} as const satisfies OnnxEngineOptions;

/** The options with the defaults filled in. */
export type EngineSettings = OnnxEngineOptions &
  Required<Pick<OnnxEngineOptions, keyof typeof engineDefaults | 'onNotice'>>;

const ENGINE_KEYS = new Set([
  ...Object.keys(engineDefaults),
  'averaging',
  'signal',
  'onPredictProgress',
  'onNotice',
]);
const PROVIDERS: readonly string[] = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'];
const LOWERINGS: readonly string[] = ['auto', 'portable', 'blocked'];

/** @throws OnnxEngineError INVALID_OPTION */
export function requireEngineOptions(options: OnnxEngineOptions): EngineSettings {
  requireKnownKeys('onnxEngine', options, ENGINE_KEYS);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const onNotice = (message: string) => process.emitWarning(message, { code: 'MNIST_ONNX_LOWERING' });
  const settings: EngineSettings = { onNotice, ...engineDefaults, ...given };
  requireOneOf('provider', settings.provider, PROVIDERS);
  requireOneOf('lowering', settings.lowering, LOWERINGS);
  requireCount('threads', settings.threads);
  requireCount('predictBatchSize', settings.predictBatchSize);
  if (typeof settings.worker !== 'boolean') throw invalid('worker', settings.worker, 'true or false');
  const decay = settings.averaging?.decay;
  if (settings.averaging !== undefined && !isShare(decay)) {
    throw invalid('averaging.decay', decay, '0 <= decay < 1');
  }
  return settings;
}

/** @throws OnnxEngineError INVALID_OPTION */
export function requireStepOptions(options: StepOptions): Required<StepOptions> {
  requireKnownKeys('open', options, new Set(['batchSize', 'loss', 'optimizer', 'seed']));
  const {
    batchSize,
    loss = { kind: 'softmaxCrossEntropy' },
    optimizer = { kind: 'adam' },
    seed = 0,
  } = options;
  requireCount('batchSize', batchSize);
  if (!Number.isSafeInteger(seed)) throw invalid('seed', seed, 'an integer');
  requireLoss(loss);
  requireOptimizer(optimizer);
  return { batchSize, loss, optimizer, seed };
}

function requireLoss(loss: Loss): void {
  requireOneOf('loss.kind', loss.kind, ['softmaxCrossEntropy', 'meanSquaredError']);
  const known = loss.kind === 'softmaxCrossEntropy' ? ['kind', 'labelSmoothing'] : ['kind'];
  requireKnownKeys('loss', loss, new Set(known));
  if (loss.kind !== 'softmaxCrossEntropy' || loss.labelSmoothing === undefined) return;
  const smoothing = loss.labelSmoothing;
  if (!(smoothing >= 0 && smoothing <= 1)) throw invalid('loss.labelSmoothing', smoothing, '0 to 1');
}

function requireOptimizer(optimizer: Optimizer): void {
  requireOneOf('optimizer.kind', optimizer.kind, ['adam', 'sgd']);
  if (optimizer.kind === 'sgd') {
    requireKnownKeys('optimizer', optimizer, new Set(['kind', 'nesterov']));
    return;
  }
  requireKnownKeys('optimizer', optimizer, new Set(['kind', 'beta2', 'epsilon']));
  const { beta2 = 0.99, epsilon = 1e-8 } = optimizer;
  if (!isShare(beta2)) throw invalid('optimizer.beta2', beta2, '0 <= beta2 < 1');
  if (!(epsilon >= 0 && Number.isFinite(epsilon)))
    throw invalid('optimizer.epsilon', epsilon, 'a number >= 0');
}

function requireKnownKeys(where: string, options: object, known: ReadonlySet<string>): void {
  const unknown = Object.keys(options).find((key) => !known.has(key));
  if (unknown === undefined) return;
  throw new OnnxEngineError(
    'INVALID_OPTION',
    `${where}: unknown option "${unknown}"; known options: ${[...known].join(', ')}`,
  );
}

function requireOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.includes(value as string)) {
    throw invalid(name, value, `one of ${allowed.map((entry) => `'${entry}'`).join(', ')}`);
  }
}

function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(name, value, 'an integer >= 1');
}

const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 1;

function invalid(name: string, value: unknown, expected: string): OnnxEngineError {
  return new OnnxEngineError('INVALID_OPTION', `${name} is ${JSON.stringify(value)}; expected ${expected}`);
}
