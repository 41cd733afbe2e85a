import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { onnxDevices, tfjsDevices } from './engines.js';

/** Options that every command with data takes. */
export interface DataOptions {
  readonly dataset: string;
  readonly dataDir?: string;
  readonly synthetic?: boolean;
  readonly download: boolean;
  readonly limit?: number;
}

export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--dataset <name>',
      'mnist, fashion-mnist, kmnist, qmnist, emnist-digits, emnist-letters or emnist-balanced',
      'mnist',
    )
    .option(
      '--data-dir <folder>',
      'folder with the IDX files; without it MNIST_DATA_DIR, the cache and the mirrors are tried',
    )
    .option('--synthetic', 'use drawn digits instead of a published data set; every output says so')
    .option('--no-download', 'never fetch anything');
}

/** The same for commands that test: without `--dataset` they take what the nets were trained on. */
export type TestDataOptions = Omit<DataOptions, 'dataset' | 'limit'> & { readonly dataset?: string };

export function addTestDataOptions(command: Command): Command {
  return command
    .option('--dataset <name>', 'data set to test on (default: the one the nets were trained on)')
    .option(
      '--data-dir <folder>',
      'folder with the IDX files; without it MNIST_DATA_DIR, the cache and the mirrors are tried',
    )
    .option('--synthetic', 'test on drawn digits; every output says so')
    .option('--no-download', 'never fetch anything');
}

/** For commands that train. */
export function addLimitOption(command: Command): Command {
  return command.option('--limit <n>', 'train on the first n images only', positiveInteger);
}

/** Options that every command with an engine takes. */
export interface ComputeOptions {
  readonly engine: string;
  readonly device?: string;
  readonly threads: number;
}

export function addComputeOptions(command: Command): Command {
  return command
    .addOption(new Option('--engine <name>', 'what trains').choices(['auto', 'onnx', 'tfjs']).default('auto'))
    .option('--device <name>', `for onnx: ${onnxDevices.join(', ')}; for tfjs: ${tfjsDevices.join(', ')}`)
    .option('--threads <n>', 'threads of the engine', positiveInteger, availableParallelism());
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return value;
}

export function seedNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new InvalidArgumentError('Expected a whole number from 0 to 4294967295.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('Expected a whole number of at least 0.');
  return value;
}
