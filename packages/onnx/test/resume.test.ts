import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const child = new URL('./support/train-child.mjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'onnx-resume-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

function train(file: string, threads: number, killAfter?: number): Promise<Ended> {
  const args = ['6', join(folder, file), String(threads), ...(killAfter ? [String(killAfter)] : [])];
  const process_ = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  process_.stdout.on('data', (text) => {
    output += text;
  });
  return new Promise((resolve) =>
    process_.on('close', (_, signal) => resolve({ signal, output: lastLine(output) })),
  );
}

/** TensorFlow.js greets on the first line. */
const lastLine = (output: string) => output.trim().split('\n').at(-1) ?? '';

describe('a training in a process of its own', () => {
  for (const threads of [1, 2]) {
    test(`${threads} threads: the same bits twice, and after a kill and a resume`, async () => {
      const [first, second, killed] = await Promise.all([
        train(`first-${threads}`, threads),
        train(`second-${threads}`, threads),
        train(`killed-${threads}`, threads, 3),
      ]);
      expect(JSON.parse(first.output)).toMatchObject({ step: 6, slots: ['m', 'v'] });
      expect(second.output).toBe(first.output);
      expect(killed.signal).toBe('SIGKILL');
      const resumed = await train(`killed-${threads}`, threads);
      expect(resumed.output).toBe(first.output);
    });
  }
});
