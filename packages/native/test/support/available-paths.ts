import { nativeSupport } from '../../src/index.js';

/** Names of the paths that this machine can test; none, with a printed reason, where the addon is not built. */
export function availablePaths(precision: 'f32' | 'bf16'): string[] {
  const support = nativeSupport();
  if (!support.available) {
    console.log(`skipped: ${support.reason}`);
    return [];
  }
  const paths = support.paths.filter((path) => path.precision === precision);
  const missing = paths.filter(({ available }) => !available).map(({ name }) => name);
  if (missing.length > 0) console.log(`skipped: ${precision} on ${missing.join(', ')} (not this processor)`);
  return paths.filter(({ available }) => available).map(({ name }) => name);
}
