import type { NamedTensor, TrainingState } from '../engine.js';
import type { EngineErrorCode } from '../engine-error.js';
import { ConformanceError } from './conformance-error.js';

/** Fails unless every |measured - expected| is at most `limit`. NaN never passes. */
export function assertClose(
  what: string,
  measured: ArrayLike<number>,
  expected: ArrayLike<number>,
  limit: number,
): void {
  assertEqual(`${what}: number of elements`, measured.length, expected.length);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(measured[i]! - expected[i]!);
    if (!(difference <= worst)) {
      worst = difference;
      at = i;
      if (Number.isNaN(difference)) break;
    }
  }
  if (!(worst <= limit)) {
    throw new ConformanceError(
      `${what}: element ${at} is ${measured[at]}, expected ${expected[at]}; the difference ${worst.toExponential(3)} is over ${limit.toExponential(1)}`,
      { measured: worst, limit },
    );
  }
}

/** Like `assertClose`, with the limit relative to the largest |expected|. */
export function assertRelative(
  what: string,
  measured: ArrayLike<number>,
  expected: ArrayLike<number>,
  limit: number,
): void {
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  assertClose(what, measured, expected, limit * scale);
}

export function assertEqual(what: string, measured: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(measured), JSON.stringify(expected)];
  if (a !== b) throw new ConformanceError(`${what}: ${a}, expected ${b}`);
}

/** Bit-for-bit equality, NaN payloads and the sign of zero included. */
export function assertSameBits(what: string, measured: Float32Array, expected: Float32Array): void {
  assertEqual(`${what}: number of elements`, measured.length, expected.length);
  const a = new Uint32Array(measured.slice().buffer);
  const b = new Uint32Array(expected.slice().buffer);
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      throw new ConformanceError(
        `${what}: element ${i} is ${measured[i]}, expected exactly ${expected[i]} (bits differ)`,
        { measured: Math.abs(measured[i]! - expected[i]!), limit: 0 },
      );
    }
  }
}

export function assertSameState(what: string, measured: TrainingState, expected: TrainingState): void {
  assertEqual(`${what}: step`, measured.step, expected.step);
  assertEqual(`${what}: slots`, Object.keys(measured.slots).sort(), Object.keys(expected.slots).sort());
  assertSameTensors(`${what}: parameter`, measured.parameters, expected.parameters);
  assertSameTensors(`${what}: statistic`, measured.statistics, expected.statistics);
  for (const slot of Object.keys(expected.slots)) {
    assertSameTensors(`${what}: slot ${slot} of`, measured.slots[slot]!, expected.slots[slot]!);
  }
}

/** Every tensor of the states within `limit`. */
export function assertCloseState(
  what: string,
  measured: TrainingState,
  expected: TrainingState,
  limit: number,
): void {
  assertEqual(`${what}: step`, measured.step, expected.step);
  const all = (state: TrainingState) => [
    ...state.parameters,
    ...state.statistics,
    ...Object.values(state.slots).flat(),
  ];
  for (const [i, { name, data }] of all(expected).entries()) {
    assertClose(`${what}: ${name}`, all(measured)[i]!.data, data, limit);
  }
}

function assertSameTensors(what: string, measured: readonly NamedTensor[], expected: readonly NamedTensor[]) {
  assertEqual(`${what}: count`, measured.length, expected.length);
  for (const [i, tensor] of expected.entries()) {
    assertEqual(`${what} ${i} ('${tensor.name}'): shape`, measured[i]!.shape, tensor.shape);
    assertSameBits(`${what} ${i} ('${tensor.name}')`, measured[i]!.data, tensor.data);
  }
}

/** Fails unless `action` rejects with an error of this `code`, whose text matches `text`. */
export async function assertTypedError(
  what: string,
  action: () => unknown,
  code: EngineErrorCode,
  text?: RegExp,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    const found = (error as { code?: unknown }).code;
    if (!(error instanceof Error) || found !== code) {
      throw new ConformanceError(
        `${what}: threw ${String(error)} with code ${String(found)}, expected ${code}`,
      );
    }
    if (text && !text.test(error.message)) {
      throw new ConformanceError(`${what}: the message '${error.message}' does not match ${text}`);
    }
    return;
  }
  throw new ConformanceError(`${what}: nothing was thrown, expected ${code}`);
}
