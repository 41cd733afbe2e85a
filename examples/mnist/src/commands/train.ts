import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { splitHeldOut } from '@mnist/dataset';
import { accuracyInterval } from '@mnist/ensemble';
import { formatDuration } from '@mnist/kit';
import { ifExists, writeFileDurably } from '@mnist/kit/files';
import { modelZoo, saveModel } from '@mnist/models';
import { type Callback, checkpoint, nanGuard, progressBar } from '@mnist/train';
import { type Command, Option } from 'commander';
import { accuracyWithInterval } from '../experiment/committee-results.js';
import {
  type AugmentationName,
  augmentationNames,
  type MemberConfig,
  type NetChoice,
  type ScheduleChoice,
} from '../experiment/config.js';
import { findDatasets } from '../experiment/datasets.js';
import { findTeachers, teacherTargets } from '../experiment/teacher-targets.js';
import { trainNet } from '../experiment/train-net.js';
import { transformsOf } from '../experiment/transforms.js';
import { holdingGpu } from '../machine/devices.js';
import { chooseEngine, defaultLoaders } from '../machine/engines.js';
import { buildNet, netTitle } from '../nets/build-net.js';
import { classifyDataset } from '../nets/classify-dataset.js';
import { configFile, resultFile, type StoredTraining, type TrainingResult } from '../nets/find-nets.js';
import { refuseForeignFolder } from '../nets/refuse-foreign-folder.js';
import { DamagedFileError, DivergedError, InterruptedError, UsageError } from '../ui/errors.js';
import { catchInterruption } from '../ui/interruption.js';
import { openTerminal } from '../ui/terminal.js';
import {
  addDataOptions,
  addEngineOption,
  addJsonOption,
  addThreadsOption,
  type DataOptions,
  type EngineOptions,
  notNegative,
  positiveInteger,
  positiveNumber,
  seedNumber,
  stageWidths,
  wholeNumber,
} from './_options.js';

interface TrainCommandOptions extends DataOptions, EngineOptions {
  readonly threads: number;
  readonly net: string;
  readonly widths?: [number, number, number];
  readonly epochs: number;
  readonly annihilation: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly schedule: 'exponential' | 'one-cycle';
  readonly weightDecay: number;
  readonly augmentation: AugmentationName;
  readonly seed: number;
  readonly heldOut?: number;
  readonly teacher?: string;
  readonly teachers?: number;
  readonly labelShare: number;
  readonly targets?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .addOption(new Option('--net <name>', 'net of the zoo').choices(Object.keys(modelZoo)).default('compact'))
    .option('--widths <a,b,c>', 'channels of the three stages, for committee and compact', stageWidths)
    .option('--epochs <n>', 'epochs of the main schedule', positiveInteger, 10)
    .option(
      '--annihilation <n>',
      'further epochs with the learning rate falling to a thousandth',
      wholeNumber,
      0,
    )
    .option('--batch-size <n>', 'images a step', positiveInteger, 100)
    .option('--lr <rate>', 'highest learning rate', positiveNumber, 1e-3)
    .addOption(
      new Option('--schedule <name>', 'exponential falls to a tenth of --lr')
        .choices(['exponential', 'one-cycle'])
        .default('exponential'),
    )
    .option('--weight-decay <x>', 'decoupled', notNegative, 0)
    .addOption(
      new Option(
        '--augmentation <name>',
        "exact is the original's, step by step; fused the same in one resampling",
      )
        .choices(augmentationNames)
        .default('fused'),
    )
    .option('--seed <n>', 'decides weights, order and distortions', seedNumber, 1)
    .option(
      '--held-out <n>',
      'hold so many training images out and test on them instead of the test set',
      positiveInteger,
    )
    .option(
      '--teacher <nets>',
      'learn from the mean probabilities of these nets on the very views that this one sees: a net, a population, an exported committee',
    )
    .option('--teachers <n>', 'only the first n of them', positiveInteger)
    .option('--label-share <x>', 'weight of the labels beside the teachers, 0 to 1', notNegative, 0.1)
    .option(
      '--targets <folder>',
      "where the teachers' answers are kept for further students (default: in --out)",
    )
    .option(
      '--out <folder>',
      'where the net and its checkpoints go (default: runs/train-<net>-<seed>); an interrupted training goes on there',
    );
  addJsonOption(addThreadsOption(addEngineOption(addDataOptions(command, 'train'))));
  command.action(train);
}

async function train(options: TrainCommandOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const { engine, verdict, why } = await chooseEngine(options);
  const data = await findDatasets(terminal, options);
  const split =
    options.heldOut === undefined
      ? undefined
      : splitHeldOut(data.train, { heldOut: options.heldOut, seed: 0 });
  const trainSet = split?.train ?? data.train;
  const testSet = split?.heldOut ?? data.test;
  const net: NetChoice = { name: options.net, widths: options.widths };
  const config: MemberConfig = {
    dataset: data.choice,
    net,
    epochs: options.epochs,
    annihilationEpochs: options.annihilation,
    batchSize: options.batchSize,
    schedule: scheduleOf(options),
    momentum: 0.9,
    weightDecay: options.weightDecay,
    augmentation: options.augmentation,
    engine: verdict.name,
  };
  const folder = resolve(options.out ?? join('runs', `train-${options.net}-${options.seed}`));
  await refuseForeignFolder(folder, [configFile]);
  if (options.labelShare > 1)
    throw new UsageError(`--label-share ${options.labelShare}: expected a number from 0 to 1.`);
  const teaching =
    options.teacher === undefined ? undefined : await findTeachers(options.teacher, options.teachers);
  await mkdir(folder, { recursive: true });
  await claimFolder(folder, {
    ...config,
    seed: options.seed,
    heldOut: options.heldOut ?? 0,
    ...(teaching && { teachers: teaching.digests, labelShare: options.labelShare }),
  });
  terminal.line(
    `${netTitle(net)} on ${data.title}, ${options.epochs} + ${options.annihilation} epochs, engine ${why}, ${options.threads} threads`,
  );

  const model = await buildNet(net, options.seed, trainSet.classNames.length);
  const interruption = catchInterruption(() =>
    terminal.line('stopping after this step (Ctrl-C again to leave at once)'),
  );
  const { signal: stop } = interruption;
  try {
    await holdingGpu(verdict, { signal: stop, onWaiting: terminal.line }, async (signal) => {
      const callbacks: Callback[] = [
        nanGuard(),
        progressBar(),
        checkpoint({ directory: join(folder, 'checkpoints'), everySteps: 200, resume: true }),
      ];
      const trained = await trainNet(model, trainSet, {
        engine,
        config,
        seed: options.seed,
        loaders: defaultLoaders(verdict.device, options.threads),
        callbacks,
        targets:
          teaching &&
          (await teacherTargets({
            teachers: teaching.nets,
            labelShare: options.labelShare,
            classes: trainSet.classNames.length,
            folder: resolve(options.targets ?? join(folder, 'targets')),
            identity: {
              teachers: teaching.digests,
              dataset: config.dataset,
              heldOut: options.heldOut ?? 0,
              seed: options.seed,
              batchSize: config.batchSize,
              augmentation: config.augmentation,
            },
            engine: verdict.name,
            threads: options.threads,
            signal,
          })),
        signal,
      });
      if (trained.resumedFrom !== undefined) terminal.line(`went on from step ${trained.resumedFrom}`);
      if (trained.reason === 'aborted') {
        throw new InterruptedError(
          `Stopped after ${trained.steps} steps. The same command goes on from there (${folder}).`,
        );
      }
      if (trained.reason !== 'completed')
        throw new DivergedError(
          `training ended early (${trained.reason}): ${trained.detail ?? ''} A lower --lr may help.`,
        );
      await saveModel(model, folder);
      await writeFileDurably(join(folder, 'history.json'), `${JSON.stringify(trained.history)}\n`);

      const session = await engine.open(model, { batchSize: config.batchSize });
      const result = await classifyDataset(session, testSet, {
        name: options.net,
        view: transformsOf(config.augmentation).evaluation,
        signal,
      }).finally(() => session.dispose());
      const part = split ? 'held-out training images' : 'test images';
      const digest = createHash('sha256');
      for (const weight of model.getWeights())
        digest.update(new Uint8Array(weight.dataSync().slice().buffer));
      const interval = accuracyInterval(result.correct, result.count);
      const weights = digest.digest('hex');
      const report: TrainingResult & Record<string, unknown> = {
        synthetic: data.choice.kind === 'synthetic',
        dataset: data.title,
        testedOn: part,
        accuracy: result.accuracy,
        errors: result.errors,
        count: result.count,
        interval,
        finalLoss: trained.history.loss.at(-1),
        seconds: trained.seconds,
        threads: options.threads,
        steps: trained.steps,
        computedBy: session.computedBy,
        config,
        seed: options.seed,
        weightsSha256: weights,
      };
      await writeFileDurably(join(folder, resultFile), `${JSON.stringify(report, null, 2)}\n`);
      terminal.result(
        { ...report, folder },
        `${accuracyWithInterval({ ...result, interval })} on the ${part} of ${data.title}, trained in ${formatDuration(trained.seconds * 1000)}.\nNet: ${folder}\nSHA-256 of its weights: ${weights}`,
      );
    });
  } catch (error) {
    if (interruption.signal.aborted && !(error instanceof InterruptedError)) {
      throw new InterruptedError(
        `Stopped. What was trained is in ${folder}; the same command goes on from there.`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    interruption.release();
    model.dispose();
  }
}

/** A folder belongs to one training: going on with other options would give a net that no options describe. */
async function claimFolder(folder: string, training: StoredTraining): Promise<void> {
  const path = join(folder, configFile);
  const wanted = JSON.parse(JSON.stringify(training)) as Record<string, unknown>;
  const stored = await readJson(path);
  if (!stored) return writeFileDurably(path, `${JSON.stringify(wanted)}\n`);
  const differences = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])]
    .filter((key) => !isDeepStrictEqual(stored[key], wanted[key]))
    .map((key) => `${key} is ${JSON.stringify(wanted[key])}, there ${JSON.stringify(stored[key])}`);
  if (differences.length === 0) return;
  throw new UsageError(
    `${folder} holds another training: ${differences.join('; ')}. Name another folder with --out, or delete that one.`,
  );
}

/** What the file holds; undefined where there is none. */
async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await ifExists(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The message below says what to do in both cases.
  }
  throw new DamagedFileError(
    `${path} is damaged (${text.length} bytes, no JSON object). Name another folder with --out, or delete that one.`,
  );
}

function scheduleOf({ schedule, lr }: TrainCommandOptions): ScheduleChoice {
  return schedule === 'one-cycle'
    ? { kind: 'oneCycle', peak: lr }
    : { kind: 'exponential', start: lr, end: lr / 10 };
}
