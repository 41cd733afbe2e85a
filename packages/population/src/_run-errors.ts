import { netName } from './_layout.js';
import { type NetFailure, PopulationError } from './population-error.js';

/** Failures that the text of an error spells out; `failures` has them all. */
const SPELLED_OUT = 5;

/** `left` undefined: the abort came before the nets were counted. */
export function abortedError(
  folder: string,
  count: number,
  left: number | undefined,
  reason: unknown,
): PopulationError {
  const state =
    left === undefined
      ? `before it looked into ${folder}`
      : `with ${count - left} of ${count} nets complete in ${folder}`;
  return new PopulationError(
    'ABORTED',
    `The run was aborted ${state}. Nothing is lost: call again with the same options to go on from the checkpoints.`,
    { cause: reason },
  );
}

/** Ends a whole run for the sake of one net: no other would fare better. */
export function haltedError(
  folder: string,
  count: number,
  left: number,
  failure: NetFailure,
): PopulationError {
  const { index, error } = failure;
  return new PopulationError(
    error.code,
    `Net ${netName(index)} failed for a reason that would stop every other net too, so the run stopped at once, with ` +
      `${count - left} of ${count} nets complete in ${folder}. Nothing is lost: mend it and call again. ${error.message}`,
    { cause: error, kind: error.kind, failures: [failure] },
  );
}

/** Whether trying again, or trying another net, is a waste: a full disk, a wrong setting, a recipe that cannot load. */
export function concernsAllNets(error: PopulationError): boolean {
  return error.kind === 'input' || error.code === 'STORAGE_FAILED' || error.code === 'QUEUE_TOO_SMALL';
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
    { failures, cause: failures[0]?.error, kind: failures[0]?.error.kind },
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
