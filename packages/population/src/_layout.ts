import { join } from 'node:path';
import { nameAfterWriting } from '@mnist/kit/files';

/** Version of the folder's layout. DESIGN.md describes it. */
export const FORMAT_VERSION = 1;

/** Files that this package writes into a net's folder. A recipe may not publish files of these names. */
export const netFiles = {
  config: 'config.json',
  metrics: 'metrics.json',
  history: 'history.json',
  probabilities: 'probabilities.npy',
  environment: 'environment.json',
  checksums: 'checksums.json',
} as const;

/** `7` -> `0007`; wider numbers stay as wide as they are. */
export function netName(index: number): string {
  return String(index).padStart(4, '0');
}

/** Nets that a population may have: whatever counts them, from a file or a queue, stays small. */
export const MOST_NETS = 1_000_000;

/** The number that `netName` wrote, or undefined. */
export function netIndex(name: string): number | undefined {
  const index = /^\d{4,}$/.test(name) ? Number(name) : undefined;
  return index !== undefined && index < MOST_NETS && netName(index) === name ? index : undefined;
}

/** Where things lie in a population folder. */
export function layoutOf(folder: string) {
  return {
    manifest: join(folder, 'manifest.json'),
    nets: join(folder, 'nets'),
    net: (index: number) => join(folder, 'nets', netName(index)),
    claims: join(folder, 'claims'),
    work: join(folder, 'work'),
    staging: join(folder, 'staging'),
    failures: join(folder, 'failures'),
    failure: (index: number) => join(folder, 'failures', `${netName(index)}.json`),
    setAside: join(folder, 'set-aside'),
  };
}

/** What may lie in the folders beside `nets`: its form, and whether it is a folder. */
export const expectedEntries = {
  claims: { form: /^(manifest|\d{4,})\.\d+\.json$/, folder: false },
  work: { form: /^\d{4,}-[\w-]+$/, folder: true },
  staging: { form: /^\d{4,}-[\w-]+$/, folder: true },
  failures: { form: /^\d{4,}\.json$/, folder: false },
  'set-aside': { form: /^\d{4,}-[\w.-]+$/, folder: true },
} as const;

export const rootEntries = ['manifest.json', 'nets', ...Object.keys(expectedEntries)];

/** A file that this package is writing at this moment, or was writing when it was killed. */
export function isUnfinished(name: string): boolean {
  return /^(manifest|\d{4,})\.json$/.test(nameAfterWriting(name) ?? '');
}
