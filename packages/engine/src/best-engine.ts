import { sizeOf } from '@mnist/kit';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import type { Engine } from './engine.js';
import { EngineError } from './engine-error.js';
import { timeSteps } from './time-steps.js';

/**
 * What a probe found. `detail` and `reason` are for people: 'bf16 on AMX', 'libcudart.so.12 is missing'; `more` is what a
 * report on the machine tells besides.
 */
export type EngineProbe =
  | { readonly ready: true; readonly engine: Engine; readonly detail?: string; readonly more?: string }
  | {
      readonly ready: false;
      readonly reason: string /** One command that mends it. */;
      readonly remedy?: string;
    };

/** An engine on a device, not loaded yet. */
export interface EngineCandidate {
  /** As the engine will be called: 'native:cpu', 'onnx:webgpu'. */
  readonly name: string;
  readonly device: 'cpu' | 'gpu';
  /** Loads what it needs, computes something, and tells whether it can train here. Never throws. */
  probe(): Promise<EngineProbe>;
}

/** What a package of engines exports, so that `bestEngine` can ask it. */
export interface EngineModule {
  engineCandidates(options?: CandidateOptions): readonly EngineCandidate[];
}

export interface CandidateOptions {
  /** Threads of each training session, where the engine computes on the processor. Default 1. */
  readonly threads?: number;
}

export interface BestEngineOptions {
  /**
   * Where engines come from: modules, or functions that import one (`() => import('@mnist/native')`), so that one that is not
   * installed is a reason and not a failure. Earlier ones win where speeds are equal or not measured.
   */
  readonly from: readonly (EngineModule | (() => Promise<EngineModule>))[];
  /** The net to be trained: an engine that cannot train it is passed over. Needed to measure. */
  readonly model?: LayersModel;
  /** Images in a step, where speeds are measured. Default 100. */
  readonly batchSize?: number;
  /** Times a step of `model` on each engine that is ready, and takes the fastest. Default: true where there is a model. */
  readonly measure?: boolean;
  /** Threads of each training session, where the engine computes on the processor. Default 1. */
  readonly threads?: number;
  /** Which candidates may be taken; default all. */
  readonly only?: (candidate: EngineCandidate) => boolean;
  /**
   * Times a candidate while nothing else computes on its device; default: at once. What it throws itself ends the choice: a
   * device that is not to be had says nothing about the engine.
   */
  readonly alone?: <T>(candidate: EngineCandidate, time: () => Promise<T>) => Promise<T>;
}

/** How a candidate fared. */
export interface EngineVerdict {
  readonly name: string;
  readonly device: 'cpu' | 'gpu' | undefined;
  readonly ready: boolean;
  /** Why it is not ready, or what it runs on. */
  readonly reason: string;
  readonly remedy?: string;
  /** Median of the timed steps, where it was measured. */
  readonly secondsPerStep?: number;
}

export interface BestEngine {
  readonly engine: Engine;
  readonly verdict: EngineVerdict;
  /** One sentence: what was taken and why. */
  readonly why: string;
  /** Every candidate, in the order asked. */
  readonly verdicts: readonly EngineVerdict[];
}

/**
 * Picks the best engine that loads on this machine, and says why: of those that can train the model the one whose step takes
 * the least time; without a measurement the first that is ready, GPUs before processors.
 *
 * @example
 * const { engine, why } = await bestEngine({
 *   from: [() => import('@mnist/native'), () => import('@mnist/onnx'), () => import('@mnist/tfjs')],
 *   model,
 * });
 *
 * @throws EngineError `ENGINE_UNAVAILABLE` when none is ready; the message lists each with its reason
 */
export async function bestEngine(options: BestEngineOptions): Promise<BestEngine> {
  const { from, model, batchSize = 100, threads = 1, only = () => true } = options;
  const { alone = (_, time) => time() } = options;
  const measure = options.measure ?? model !== undefined;
  const verdicts: EngineVerdict[] = [];
  const ready: { engine: Engine; verdict: EngineVerdict }[] = [];
  for (const source of from) {
    let candidates: readonly EngineCandidate[];
    try {
      candidates = (typeof source === 'function' ? await source() : source)
        .engineCandidates({ threads })
        .filter(only);
    } catch (error) {
      verdicts.push({ name: nameOf(source), device: undefined, ready: false, reason: firstLine(error) });
      continue;
    }
    for (const candidate of candidates) {
      const { name, device, probe } = candidate;
      const found = await probe();
      if (!found.ready) {
        verdicts.push({ name, device, ready: false, reason: found.reason, remedy: found.remedy });
        continue;
      }
      let verdict: EngineVerdict = { name, device, ready: true, reason: found.detail ?? '' };
      if (model !== undefined) {
        const attempt = () =>
          tryOut(found.engine, model, batchSize, measure).then(
            (secondsPerStep) => ({ secondsPerStep }),
            (error: unknown) => ({ reason: `cannot train this net: ${firstLine(error)}` }),
          );
        const outcome = await (measure ? alone(candidate, attempt) : attempt());
        if ('reason' in outcome) {
          verdicts.push({ name, device, ready: false, ...outcome });
          continue;
        }
        verdict = { ...verdict, ...outcome };
      }
      verdicts.push(verdict);
      ready.push({ engine: found.engine, verdict });
    }
  }
  const order = (verdict: EngineVerdict) => verdict.secondsPerStep ?? (verdict.device === 'gpu' ? 0 : 1);
  const [best] = [...ready].sort((a, b) => order(a.verdict) - order(b.verdict));
  if (best === undefined) {
    const list = verdicts.map(
      ({ name, reason, remedy }) => `\n  ${name}: ${reason}${remedy ? ` (${remedy})` : ''}`,
    );
    throw new EngineError('ENGINE_UNAVAILABLE', `no engine can train here:${list.join('')}`);
  }
  return { ...best, verdicts, why: explain(best.verdict, verdicts) };
}

function explain(best: EngineVerdict, verdicts: readonly EngineVerdict[]): string {
  const detail = best.reason ? ` (${best.reason})` : '';
  const others = verdicts.filter((verdict) => verdict !== best);
  const milliseconds = (seconds: number) => `${(1000 * seconds).toFixed(seconds < 0.1 ? 1 : 0)} ms`;
  if (best.secondsPerStep === undefined) {
    return `${best.name}${detail}: the first of ${verdicts.length} that is ready`;
  }
  const slower = others
    .filter((verdict) => verdict.secondsPerStep !== undefined)
    .map((verdict) => `${verdict.name} ${milliseconds(verdict.secondsPerStep!)}`);
  const compared = slower.length > 0 ? `, fastest of ${slower.length + 1} (${slower.join(', ')})` : '';
  return `${best.name}${detail}: ${milliseconds(best.secondsPerStep)} a step${compared}`;
}

/** Opens the net and, where asked, times steps on zeros: the median of three after one to warm up. */
async function tryOut(
  engine: Engine,
  model: LayersModel,
  batchSize: number,
  measure: boolean,
): Promise<number | undefined> {
  const session = await engine.open(model, { batchSize });
  try {
    if (!measure) return undefined;
    const shape = [batchSize, ...model.inputs[0]!.shape.slice(1).map((length) => length!)];
    const images = ndarray(new Float32Array(sizeOf(shape)), shape);
    const labels = ndarray(new Uint8Array(batchSize));
    const still = { learningRate: 0, momentum: 0.9, weightDecay: 0 };
    return await timeSteps(session, { batch: { images, labels }, hyper: still }, { calls: 3 });
  } finally {
    await session.dispose();
  }
}

function nameOf(source: EngineModule | (() => Promise<EngineModule>)): string {
  return typeof source === 'function'
    ? (/import\(['"`](.+?)['"`]\)/.exec(String(source))?.[1] ?? 'a package')
    : 'a package';
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]!;
}
