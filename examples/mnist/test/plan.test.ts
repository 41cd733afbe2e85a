import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { netsWithin, storedNets } from '../src/experiment/plan.js';

const minute = 60_000;
const six = (minutes: number) => ({ preset: { nets: 6 }, milliseconds: minutes * minute });

test('as many nets as fit, in whole rounds, at least three and at most the preset has', () => {
  expect(netsWithin(5 * minute, six(4), 2)).toBe(6);
  expect(netsWithin(5 * minute, six(7.15), 2)).toBe(4);
  expect(netsWithin(5 * minute, six(7.6), 2)).toBe(3);
  expect(netsWithin(5 * minute, six(7.15), 1)).toBe(4);
  expect(netsWithin(5 * minute, six(6), 1)).toBe(5);
  expect(netsWithin(5 * minute, six(100), 2)).toBe(3);
  // More workers than nets: one round.
  expect(netsWithin(5 * minute, six(4), 16)).toBe(6);
  expect(netsWithin(5 * minute, six(8), 16)).toBe(3);
});

test('nets of a folder without a run, or with a damaged one, are none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-plan-'));
  try {
    expect(await storedNets(folder)).toBe(0);
    writeFileSync(join(folder, 'manifest.json'), '{');
    expect(await storedNets(folder)).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
