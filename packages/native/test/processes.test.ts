import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { nativeSupport } from '../src/index.js';

// Children load the built package: only there is what users run.
const child = (name: string) => fileURLToPath(new URL(`./support/${name}.mjs`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'native-processes-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line: TensorFlow.js greets on the first. */
  readonly output: string;
  readonly errors: string;
}

function run(script: string, args: readonly string[], onLine?: (pid: number) => void): Promise<Ended> {
  const process_ = spawn(process.execPath, [child(script), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  process_.stdout.on('data', (text) => {
    output += text;
    if (output.includes('in a step')) onLine?.(process_.pid!);
  });
  process_.stderr.on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve) =>
    process_.on('close', (code, signal) =>
      resolve({ code, signal, output: output.trim().split('\n').at(-1) ?? '', errors }),
    ),
  );
}

const support = nativeSupport();
if (!support.available) console.log(`skipped: ${support.reason}`);

describe.skipIf(!support.available)('a training in a process of its own', () => {
  for (const net of ['compact', 'deotte']) {
    test(`${net}: the same bits in every process, on 1, 2 and 3 threads, and after SIGKILL and resume`, async () => {
      const train = (file: string, threads: number, ...killAfter: string[]) =>
        run('train-child', [net, '6', join(folder, `${net}-${file}`), String(threads), ...killAfter]);
      const [first, again, two, three, killed] = await Promise.all([
        train('first', 1),
        train('again', 1),
        train('two', 2),
        train('three', 3),
        train('killed', 1, '3'),
      ]);
      expect(JSON.parse(first.output)).toMatchObject({ step: 6 });
      for (const other of [again, two, three]) expect(other.output).toBe(first.output);
      expect(killed.signal).toBe('SIGKILL');
      const resumed = await train('killed', 2);
      expect(resumed.output).toBe(first.output);
    });
  }
});

describe.skipIf(!support.available)('leaving in the middle of a step', () => {
  test('process.exit: its own exit code', async () => {
    expect(await run('interrupt-child', ['exit'])).toMatchObject({ code: 7, signal: null });
  });

  test('an exception elsewhere: exit code 1', async () => {
    const ended = await run('interrupt-child', ['throw']);
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(ended.errors).toContain('thrown in a step');
  });

  test('abort: the step rejects, dispose waits for it, the process ends well', async () => {
    const ended = await run('interrupt-child', ['abort']);
    expect(ended).toMatchObject({ code: 0, signal: null, output: 'SESSION_CLOSED' });
  });

  test('a worker that is terminated: the process goes on', async () => {
    const ended = await run('interrupt-child', ['worker']);
    expect(ended).toMatchObject({ code: 5, signal: null, output: 'terminated' });
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} without a handler: the process ends by it`, async () => {
      const ended = await run('interrupt-child', ['signal'], (pid) => process.kill(pid, signal));
      expect(ended.signal).toBe(signal);
    });
  }
});
