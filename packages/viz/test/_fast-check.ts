import * as fc from 'fast-check';
import { it } from 'vitest';

/** `it` with fast-check's arbitraries; 40 runs. */
export const test = {
  prop:
    <Values extends [unknown, ...unknown[]]>(
      arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
    ) =>
    (name: string, check: (...values: Values) => void | Promise<void>) =>
      it(name, () =>
        fc.assert(
          fc.asyncProperty<Values>(...arbitraries, async (...values) => check(...values)),
          { numRuns: 40, seed: 1 },
        ),
      ),
};
export { fc };
