import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const child = new URL('./support/telemetry-child.mjs', import.meta.url).pathname;
const hasTrace = spawnSync('strace', ['-V']).status === 0;
if (!hasTrace) console.log('skipped: watching for look-ups needs strace');

/** Runs the child with an empty home. @returns the files it left there, and its system calls that reach for a network */
function run(how: 'engine' | 'bare', traced: boolean): { files: string[]; network: string[] } {
  const home = mkdtempSync(join(tmpdir(), 'onnx-home-'));
  try {
    // The library keeps quiet by itself where it believes to be in CI; here it must believe to be at a user's.
    const {
      ORT_DISABLE_TELEMETRY: _,
      XDG_CACHE_HOME: __,
      CI: ___,
      GITHUB_ACTIONS: ____,
      ...env
    } = process.env;
    const trace = join(home, 'trace');
    const command = [process.execPath, child, how];
    const watched = ['strace', '-f', '-qq', '-e', 'trace=connect,sendto', '-o', trace, ...command];
    const [file, ...args] = traced ? watched : command;
    const ended = spawnSync(file!, args, {
      env: { ...env, HOME: home, LOCALAPPDATA: home, USERPROFILE: home },
    });
    expect(ended.status, String(ended.stderr)).toBe(0);
    const files = (readdirSync(home, { recursive: true }) as string[]).filter((name) => name !== 'trace');
    const calls = traced ? readFileSync(trace, 'utf8').split('\n') : [];
    return { files, network: calls.filter((line) => /AF_INET|sin_port|htons/.test(line)) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

describe('the telemetry of ONNX Runtime', () => {
  test('is off: training, predicting and exporting leave nothing in the home', () => {
    expect(run('engine', false).files).toEqual([]);
  });

  test.skipIf(!hasTrace)('is off: no look-up, no connection', () => {
    expect(run('engine', true).network).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('would be seen here: the bare library leaves a device id', () => {
    expect(run('bare', false).files.join()).toMatch(/deviceid/);
  });
});
