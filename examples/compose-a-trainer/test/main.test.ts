import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('trains a net of its own parts, and the net learns', async () => {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout).toMatch(/^engine \w+:\w+/);
  const accuracies = [...stdout.matchAll(/held-out accuracy ([\d.]+)/g)].map(([, share]) => Number(share));
  expect(accuracies).toHaveLength(6);
  expect(accuracies.at(-1)).toBeGreaterThan(0.8);
  expect(stdout).toMatch(/trained 240 steps on drawn digits \(synthetic\)/);
}, 120_000);
