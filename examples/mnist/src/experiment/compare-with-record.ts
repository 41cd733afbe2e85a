import { predictedClasses } from '@mnist/ensemble';
import type { CommitteeFile } from '../nets/committee-file.js';
import type { Vote } from '../nets/vote-on-dataset.js';

/** How the answers of an exported committee differ from those that it gave when it was exported. */
export interface RecordComparison {
  readonly recordedBy: string;
  readonly computedBy: string;
  /** The same engine, as far as it says what it computes with. */
  readonly sameEngine: boolean;
  /** Every answer must be the same: another one is an error of this program. */
  readonly repeatable: boolean;
  readonly recordedErrors: number;
  /** Images that the committee answers otherwise. */
  readonly moved: readonly {
    readonly image: number;
    readonly label: number;
    readonly recorded: number;
    readonly here: number;
  }[];
  /** Nets that by themselves make other errors in number. */
  readonly movedNets: readonly {
    readonly name: string;
    readonly recordedErrors: number;
    readonly errors: number;
  }[];
}

/** @param vote on the very images that the record is about */
export function compareWithRecord({ nets, test }: CommitteeFile, vote: Vote): RecordComparison {
  const { labels } = vote.members[0]!;
  const recorded = Array.from(labels);
  for (const { image, answer } of test.mistakes) recorded[image] = answer;
  const answers = predictedClasses(vote.probabilities);
  const moved = recorded.flatMap((answer, image) =>
    answer === answers[image]
      ? []
      : [{ image, label: labels[image]!, recorded: answer, here: answers[image]! }],
  );
  const movedNets = nets.flatMap(({ name, errors: recordedErrors }, position) => {
    const { errors } = vote.members[position]!;
    return errors === recordedErrors ? [] : [{ name, recordedErrors, errors }];
  });
  const sameEngine = test.computedBy === vote.computedBy;
  return {
    recordedBy: test.computedBy,
    computedBy: vote.computedBy,
    sameEngine,
    // Only the native engine names its kernels and instruction set, and gives the same bits wherever they are the same. Of the
    // others the results depend on threads and machine, and a GPU's may differ from one run to the next.
    repeatable: sameEngine && vote.computedBy.startsWith('native:'),
    recordedErrors: test.errors,
    moved,
    movedNets,
  };
}

/** For people. */
export function describeComparison(comparison: RecordComparison): string {
  const { recordedBy, computedBy, sameEngine, recordedErrors, moved, movedNets } = comparison;
  const engines = sameEngine
    ? `there and here by ${computedBy}`
    : `there by ${recordedBy}, here by ${computedBy}`;
  const count = (things: readonly unknown[], one: string) =>
    `${things.length} ${one}${things.length === 1 ? '' : 's'}`;
  const lines = [
    moved.length === 0
      ? `as recorded: the same ${recordedErrors} errors, every answer the same (${engines})`
      : `${recordedErrors} errors recorded; ${count(moved, 'answer')} moved (${engines}):`,
    ...moved.map(
      ({ image, label, recorded, here }) =>
        `  test image ${image}, a ${label}: ${recorded} there, ${here} here`,
    ),
  ];
  if (movedNets.length > 0) {
    const all = movedNets.map((net) => `${net.name} (${net.recordedErrors} there, ${net.errors} here)`);
    lines.push(`${count(movedNets, 'net')} alone with another number of errors: ${all.join(', ')}`);
  }
  return lines.join('\n');
}
