import { join } from 'node:path';

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

/** The number that `netName` wrote, or undefined. */
export function netIndex(name: string): number | undefined {
  const index = /^\d{4,}$/.test(name) ? Number(name) : undefined;
  return index !== undefined && netName(index) === name ? index : undefined;
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

export const rootEntries = ['manifest.json', 'nets', 'claims', 'work', 'staging', 'failures', 'set-aside'];
