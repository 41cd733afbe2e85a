import { availableParallelism } from 'node:os';
import { datasetNames } from '@mnist/dataset';
import { type Command, InvalidArgumentError } from 'commander';

/** Options that every command with data takes. */
export interface DataOptions {
  readonly dataset: string;
  readonly dataDir?: string;
  readonly synthetic?: boolean;
  readonly download: boolean;
  readonly limit?: number;
}

/** The same for commands that test: without `--dataset` they take what the nets were trained on. */
export type TestDataOptions = Omit<DataOptions, 'dataset' | 'limit'> & { readonly dataset?: string };

/** @param purpose `train` has a default data set and can take a part of it; `test` follows the nets */
export function addDataOptions(command: Command, purpose: 'train' | 'test'): Command {
  if (purpose === 'train') {
    command
      .option('--dataset <name>', `${datasetNames.join(', ')}; or own: a set of yours in --data-dir`, 'mnist')
      .option('--limit <n>', 'train on the first n images only', positiveInteger);
  } else {
    command.option('--dataset <name>', 'data set to test on (default: the one the nets were trained on)');
  }
  return command
    .option(
      '--data-dir <folder>',
      "where the data are: IDX files, torchvision's and Kaggle's folders, .npz, .csv, EMNIST's zip; with --dataset own also one folder of pictures a class. Without it MNIST_DATA_DIR, the cache and the mirrors are tried",
    )
    .option('--synthetic', 'use drawn digits instead of a published data set; every output says so')
    .option('--no-download', 'never fetch anything');
}

/** Options that every command with an engine takes. */
export interface EngineOptions {
  readonly engine: string;
}

export function addEngineOption(command: Command): Command {
  return command.option(
    '--engine <name>',
    "what computes: auto (the fastest that works here), native, onnx, tfjs, or one by its full name as in 'doctor'",
    'auto',
  );
}

export function addThreadsOption(command: Command): Command {
  return command.option(
    '--threads <n>',
    'threads of the engine, on a processor',
    positiveInteger,
    availableParallelism(),
  );
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON object on stdout, and everything else on stderr');
}

const decimal = /^\d+$/;

/** Digits only: '', ' 1', '0x10' and '1e3' are typing errors, not numbers. */
function whole(text: string, least: number, most: number): number {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new InvalidArgumentError(`Expected a whole number ${range}, in decimal digits.`);
}

export const positiveInteger = (text: string): number => whole(text, 1, Number.MAX_SAFE_INTEGER);
export const wholeNumber = (text: string): number => whole(text, 0, Number.MAX_SAFE_INTEGER);
export const seedNumber = (text: string): number => whole(text, 0, 0xffff_ffff);

function real(text: string): number {
  return /^\d*\.?\d+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

export function positiveNumber(text: string): number {
  const value = real(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number above 0, such as 0.001 or 1e-3.');
}

export function notNegative(text: string): number {
  const value = real(text);
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number of at least 0, such as 0.01 or 1e-2.');
}

/** '1,5,15' as whole numbers of at least 1. */
export function integerList(text: string): number[] {
  return text.split(',').map(positiveInteger);
}

/** Channels of a net's three stages. */
export function stageWidths(text: string): [number, number, number] {
  const values = integerList(text);
  if (values.length !== 3) throw new InvalidArgumentError('Expected three whole numbers, such as 32,64,128.');
  return values as [number, number, number];
}
