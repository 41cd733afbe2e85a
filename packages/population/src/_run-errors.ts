import { netName } from './_layout.js';
import { type NetFailure, PopulationError } from './population-error.js';

/** Failures that the text of an error spells out; `failures` has them all. */
const SPELLED_OUT = 5;

export function abortedError(folder: string, count: number, left: number, reason: unknown): PopulationError {
  return new PopulationError(
    'ABORTED',
    `The run was aborted with ${count - left} of ${count} nets complete in ${folder}. Nothing is lost: ` +
      'call again with the same options to go on from the checkpoints.',
    { cause: reason },
  );
}

export function failedError(folder: string, count: number, failures: readonly NetFailure[]): PopulationError {
  const lines = failures
    .slice(0, SPELLED_OUT)
    .map(
      ({ index, attempts, error }) => `\n  net ${netName(index)} (${attempts} attempts): ${error.message}`,
    );
  const more = failures.length > SPELLED_OUT ? `\n  and ${failures.length - SPELLED_OUT} more` : '';
  return new PopulationError(
    'NETS_FAILED',
    `${failures.length} of ${count} nets of ${folder} could not be trained; the others are complete. ` +
      `Call again to try them once more.${lines.join('')}${more}`,
    { failures, cause: failures[0]?.error },
  );
}

export function damagedFailure(folder: string, index: number): NetFailure {
  const error = new PopulationError(
    'NET_DAMAGED',
    `the stored files are damaged. Run verifyPopulation(${JSON.stringify(folder)}) to see which, then ` +
      `setAside(folder, ${index}) or the option retrainDamaged, and train again`,
  );
  return { index, attempts: 0, error };
}
