import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Collects what a process prints, until it ends. */
export function listenTo(child: ChildProcessWithoutNullStreams) {
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const finished = new Promise<Outcome>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  );
  return { finished, said: () => out + err };
}

/** The built program in a folder of its own, as a user with an empty home would start it. */
export function useProgram() {
  const place = { folder: '' };
  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'example-mnist-'));
  });
  afterAll(() => rm(place.folder, { recursive: true, force: true }));

  const start = (args: readonly string[], env: Record<string, string | undefined> = {}) => {
    const { folder } = place;
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: folder,
      env: {
        ...process.env,
        MNIST_DATA_DIR: '',
        NO_COLOR: '1',
        XDG_CACHE_HOME: join(folder, 'cache'),
        ...env,
      },
    });
    const { finished, said } = listenTo(child);
    /** Resolves as soon as the program has printed the pattern; rejects when it ends without. */
    const printed = (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => pattern.test(said()) && resolve();
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.on('close', () => reject(new Error(`ended without ${pattern}:\n${said()}`)));
      });
    return { child, finished, printed };
  };
  return {
    place,
    start,
    run: (args: readonly string[], env?: Record<string, string | undefined>) => start(args, env).finished,
  };
}

/** Options of a training that takes seconds. */
export const tiny = ['--synthetic', '--limit', '2000', '--seed', '7'];

/** The arguments that train one small net on them, 20 steps an epoch. */
export const trainTiny = (out: string, epochs = 2) => [
  ...['train', '--json', '--net', 'compact', '--widths', '16,16,16', '--threads', '1'],
  ...['--epochs', String(epochs), '--out', out],
  ...tiny,
];
