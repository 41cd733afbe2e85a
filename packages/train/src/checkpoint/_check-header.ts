import { show } from '@mnist/kit';
import type { BatchPrint } from '../_batch-print.js';
import type { Metric, TrainingIdentity } from '../training-snapshot.js';

export interface CheckpointHeader {
  readonly format: 'mnist-train-checkpoint';
  /** Steps taken. */
  readonly step: number;
  readonly identity: TrainingIdentity;
  readonly computedBy: string;
  readonly lastBatch?: BatchPrint;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** The callbacks' JSON parts. */
  readonly callbacks: Readonly<Record<string, unknown>>;
  readonly arrays: readonly {
    readonly group: string;
    readonly name: string;
    readonly type: 'float32' | 'float64';
    readonly shape: readonly number[];
  }[];
}

type Fields = Readonly<Record<string, unknown>>;
type Test = (value: unknown) => boolean;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Test = (value) => typeof value === 'string';
const isNumber: Test = (value) => typeof value === 'number';
const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const recordOf =
  (test: Test): Test =>
  (value) =>
    isObject(value) && Object.values(value).every(test);
const shaped =
  (tests: Readonly<Record<string, Test>>): Test =>
  (value) =>
    isObject(value) && Object.entries(tests).every(([name, test]) => test(value[name]));

const isSchedule = listOf(
  (point) => Array.isArray(point) && point.length === 2 && isCount(point[0]) && isNumber(point[1]),
);

const fields: Readonly<Record<string, Test>> = {
  format: (value) => value === 'mnist-train-checkpoint',
  step: isCount,
  identity: shaped({
    batchSize: isCount,
    stepsPerEpoch: isCount,
    totalSteps: isCount,
    loss: isObject,
    optimizer: isObject,
    seed: isCount,
    learningRate: isSchedule,
    momentum: isSchedule,
    weightDecay: isSchedule,
    callbacks: isObject,
  }),
  computedBy: isText,
  lastBatch: (value) => value === undefined || shaped({ drawn: isText, pixels: listOf(isNumber) })(value),
  metrics: recordOf(shaped({ value: isNumber, step: isCount })),
  callbacks: isObject,
  arrays: listOf(
    shaped({
      group: isText,
      name: isText,
      type: (value) => value === 'float32' || value === 'float64',
      shape: listOf(isCount),
    }),
  ),
};

/** What is wrong with a header, in words; undefined where everything is of its kind. A valid checksum proves no sense. */
export function findHeaderFault(header: unknown): string | undefined {
  if (!isObject(header)) return `stands ${show(header)} instead of an object`;
  const wrong = Object.entries(fields).find(([name, test]) => !test(header[name]));
  return wrong && `'${wrong[0]}' is ${show(header[wrong[0]])}`;
}
