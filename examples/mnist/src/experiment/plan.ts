import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { BestEngine } from '@mnist/engine';
import { openPopulation, readManifest } from '@mnist/population';
import { inOneTurn, lanesFor } from '../machine/devices.js';
import { chooseEngine } from '../machine/engines.js';
import { buildNet } from '../nets/build-net.js';
import { UsageError } from '../ui/errors.js';
import type { MemberConfig } from './config.js';
import type { DatasetOptions, Datasets } from './datasets.js';
import { estimateDuration } from './estimate-duration.js';
import { ladder, type Preset, type PresetName, presets } from './presets.js';

/** What `run` can be asked for. */
export interface PlanOptions extends DatasetOptions {
  readonly preset: PresetName | 'auto';
  readonly nets?: number;
  readonly epochs?: number;
  readonly seed: number;
  readonly workers?: number;
  readonly out?: string;
  readonly engine: string;
  readonly retrainDamaged?: boolean;
  /** Whether a learning-rate sweep comes before the training. */
  readonly sweep: boolean;
}

/** How an experiment will be carried out. */
export interface Plan {
  readonly preset: Preset;
  /** Why this preset. */
  readonly why: string;
  readonly engine: BestEngine;
  /** Each preset that this machine was timed for, in the order of the ladder: milliseconds of sweep and training. */
  readonly durations: readonly { readonly preset: Preset; readonly milliseconds: number }[];
}

export const sweepSteps = 150;

/** The time that `auto` may plan for the sweep and the training of a committee. */
const patience = 5 * 60_000;

/**
 * Picks engine and preset: the fastest engine for the net, and, where nobody chose, the largest preset of the ladder that is
 * trained in about five minutes at the speed measured here.
 *
 * @param trainCount training images; the plan is made before the data are loaded
 * @param on.timed called as each preset has been timed
 * @param on.waiting called when another program trains on the GPU: timed beside it, steps would say nothing
 */
export async function makePlan(
  options: PlanOptions,
  trainCount: number,
  on: { readonly timed: (name: string, done: number) => void; readonly waiting: (text: string) => void },
): Promise<Plan> {
  const probe = presets[options.preset === 'auto' ? 'quick' : options.preset];
  const { engine, workers, durations } = await inOneTurn({ onWaiting: on.waiting }, async (alone) => {
    const model = await buildNet(probe.member.net, 0, 10);
    const engine = await chooseEngine({
      engine: options.engine,
      model,
      batchSize: probe.member.batchSize,
      measure: true,
      alone,
    }).finally(() => model.dispose());
    const { workers } = await lanesFor(engine.verdict, options.workers);
    const durations: { preset: Preset; milliseconds: number }[] = [];
    for (const preset of Object.values(presets).map((preset) => adjust(preset, options))) {
      on.timed(preset.name, durations.length);
      const steps = options.sweep ? sweepSteps : 0;
      const milliseconds = await alone(engine.verdict, () =>
        estimateDuration(preset, engine.engine, trainCount, workers, steps),
      );
      durations.push({ preset, milliseconds });
    }
    return { engine, workers, durations };
  });
  const fitting = ladder.filter(
    (name) => durations.find(({ preset }) => preset.name === name)!.milliseconds <= patience,
  );
  const name = options.preset === 'auto' ? (fitting.at(-1) ?? ladder[0]!) : options.preset;
  const chosen = durations.find(({ preset }) => preset.name === name)!;
  if (options.preset !== 'auto') return { preset: chosen.preset, why: 'as you asked', engine, durations };
  if (fitting.length > 0) {
    const why = 'the largest that this machine trains in about five minutes';
    return { preset: chosen.preset, why, engine, durations };
  }
  const nets = options.nets ?? netsWithin(patience, chosen, workers);
  const why =
    nets < chosen.preset.nets
      ? `the smallest there is, with ${nets} nets, which is what fits about five minutes`
      : 'the smallest there is; this machine needs more than five minutes for it';
  return { preset: { ...chosen.preset, nets }, why, engine, durations };
}

/** As many nets of a preset as fit, in whole rounds of those that train at once; at least a committee of three. */
export function netsWithin(
  milliseconds: number,
  duration: { readonly preset: Pick<Preset, 'nets'>; readonly milliseconds: number },
  workers: number,
): number {
  const { nets } = duration.preset;
  const lanes = Math.min(workers, nets);
  const rounds = Math.ceil(nets / lanes);
  const fitting = Math.floor((rounds * milliseconds) / duration.milliseconds);
  return Math.min(nets, Math.max(3, fitting * lanes));
}

function adjust(preset: Preset, { nets, epochs }: PlanOptions): Preset {
  return {
    ...preset,
    nets: nets ?? preset.nets,
    member: { ...preset.member, epochs: epochs ?? preset.member.epochs },
  };
}

/** Where the run's nets and report go. What tells a run from others goes into the name. */
export function runFolder(options: PlanOptions, preset: Preset, data: Datasets): string {
  if (options.out !== undefined) return resolve(options.out);
  const parts: string[] = [preset.name];
  if (data.choice.kind === 'synthetic') parts.push('synthetic');
  else if (data.choice.kind === 'own') parts.push(data.title);
  else if (data.choice.name !== 'mnist') parts.push(data.choice.name);
  if (options.limit !== undefined) parts.push(`${options.limit}-images`);
  if (options.epochs !== undefined) parts.push(`${options.epochs}-epochs`);
  if (options.seed !== 1) parts.push(`seed-${options.seed}`);
  return resolve(join('runs', parts.join('-')));
}

/** The engine that a run in this folder began with: speeds that are measured anew must not turn it into another run. */
export async function storedEngine(folder: string): Promise<string | undefined> {
  if (!existsSync(join(folder, 'manifest.json'))) return undefined;
  const { engine } = (await readManifest(folder)).config as Partial<MemberConfig>;
  return typeof engine === 'string' ? engine : undefined;
}

/** Complete nets of a run that was begun in this folder: a committee that was counted out anew must not become smaller. */
export async function storedNets(folder: string): Promise<number> {
  if (!existsSync(join(folder, 'manifest.json'))) return 0;
  // What is wrong with the folder is told where its nets are trained on.
  return openPopulation(folder).then(
    ({ members }) => members.length,
    () => 0,
  );
}

/** Says at once, not after minutes, that a folder holds another run. */
export async function refuseOtherRun(folder: string, config: MemberConfig, seed: number): Promise<void> {
  if (!existsSync(join(folder, 'manifest.json'))) return;
  const manifest = await readManifest(folder);
  const same = isDeepStrictEqual(manifest.config, JSON.parse(JSON.stringify(config)));
  if (manifest.seed === seed && same) return;
  throw new UsageError(
    `${folder} holds a run with another seed or other options. Name another folder with --out, or delete that one.`,
  );
}

/** Drawn digits stand in only for what nobody named: not for a folder, another data set or a training of days. */
export function mayDrawDigits({ dataDir, dataset, preset }: PlanOptions): boolean {
  return dataDir === undefined && dataset === 'mnist' && preset !== 'paper';
}

/** The command that repeats a run, with what was chosen for it. */
export function commandLine(options: PlanOptions, preset: Preset, config: MemberConfig): string {
  const { dataset, engine } = config;
  const parts = [
    `example-mnist run --preset ${preset.name} --nets ${preset.nets} --epochs ${preset.member.epochs} --seed ${options.seed}`,
    `--engine ${engine}`,
  ];
  if (dataset.kind === 'synthetic') parts.push('--synthetic');
  else if (dataset.kind === 'own') parts.push(`--dataset own --data-dir ${JSON.stringify(dataset.place)}`);
  else if (dataset.name !== 'mnist') parts.push(`--dataset ${dataset.name}`);
  if (options.limit !== undefined) parts.push(`--limit ${options.limit}`);
  if (!options.sweep) parts.push('--no-sweep');
  return parts.join(' ');
}
