import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const dataDir = process.env.MNIST_DATA_DIR;
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'example-mnist-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, MNIST_DATA_DIR: '', NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache'), ...env },
  });
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
  return { child, finished, output: () => out + err };
}

const run = (args: readonly string[], env?: Record<string, string>) => start(args, env).finished;
const tiny = ['--synthetic', '--limit', '2000', '--seed', '7'];

describe('the program', () => {
  it('explains itself', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of [
      'run',
      'train',
      'lr-find',
      'evaluate',
      'mistakes',
      'predict',
      'doctor',
      'population',
      'committee',
      'Exit codes',
      'Examples',
    ]) {
      expect(out).toContain(word);
    }
  });

  it.each([
    [['train', '--net', 'alexnet'], /Allowed choices are committee/],
    [['train', '--epochs', 'three'], /Expected a whole number/],
    [['train', '--bogus'], /unknown option '--bogus'/],
    [['train', '--engine', 'onnx', '--device', 'tpu', '--synthetic'], /no device 'tpu'. Known: cpu/],
    [['train', '--dataset', 'cifar'], /unknown data set 'cifar'. Known: mnist/],
    [['evaluate', 'nowhere', '--synthetic'], /holds no net/],
    [['committee', 'nowhere'], /nowhere/],
  ])('answers %j with exit code 2 and a remedy', async (args, message) => {
    const { code, err } = await run(args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it('ends with code 3 where no data can be had, and lists where it looked', async () => {
    const { code, err } = await run(['train', '--no-download', '--dataset', 'kmnist']);
    expect(err).toMatch(/nowhere to be had/);
    expect(err).toMatch(/MNIST_DATA_DIR/);
    expect(err).toMatch(/--synthetic/);
    expect(code).toBe(3);
  });

  it('never draws digits in place of a folder that was named', async () => {
    const { code, out, err } = await run(['run', '--data-dir', 'no-such-folder', '--json']);
    expect(err).toMatch(/no-such-folder.*no such file there/);
    expect(out).toBe('');
    expect(code).toBe(3);
  });

  it('reports on the machine', async () => {
    const { code, out } = await run(['doctor', '--json']);
    const { findings } = JSON.parse(out) as { findings: { name: string; state: string }[] };
    expect(findings.map(({ name }) => name)).toEqual([
      'Node',
      'processor',
      'ONNX Runtime',
      'TensorFlow',
      'data',
      'folder',
    ]);
    expect(findings.find(({ name }) => name === 'ONNX Runtime')?.state).toBe('ok');
    expect(code).toBe(0);
  });
});

describe('run', () => {
  it('trains, votes and reports on synthetic digits, and never calls them MNIST', async () => {
    const { code, out, err } = await run([
      'run',
      '--json',
      '--no-sweep',
      '--nets',
      '2',
      '--epochs',
      '2',
      '--out',
      'story',
      ...tiny,
    ]);
    expect(err).toMatch(/SYNTHETIC DIGITS/);
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result.synthetic).toBe(true);
    expect(result.dataset).toBe('synthetic digits (not MNIST)');
    expect(result.members).toHaveLength(2);
    expect(result.committee.accuracy).toBeGreaterThan(0.6);
    const page = await readFile(result.report, 'utf8');
    expect(page).toContain('SYNTHETIC DIGITS');
    for (const picture of ['augmentation', 'loss', 'accuracies', 'confusion']) {
      expect(existsSync(join(folder, 'story', 'report', `${picture}.png`)), picture).toBe(true);
    }

    const again = await run([
      'run',
      '--json',
      '--no-sweep',
      '--nets',
      '2',
      '--epochs',
      '2',
      '--out',
      'story',
      ...tiny,
    ]);
    expect(again.err).toMatch(/2 of 2 nets are complete from before/);
    expect(JSON.parse(again.out).committee).toEqual(result.committee);

    const committee = await run(['committee', 'story/population', '--committee', '1', '--trials', '3']);
    expect(committee.out).toMatch(/committee of 1, trial 3: \d+\.\d\d % \(\d+ errors\)/);
    expect(committee.out).toMatch(/synthetic digits \(not MNIST\)/);
    const verified = await run(['verify', 'story/population']);
    expect(verified.out).toMatch(/2 of 2 nets are sound/);
    const evaluated = await run(['evaluate', 'story', '--json', '--synthetic']);
    expect(JSON.parse(evaluated.out).count).toBe(10_000);
  }, 300_000);
});

describe('train', () => {
  const command = (out: string) => [
    'train',
    '--json',
    '--net',
    'compact',
    '--widths',
    '16,16,16',
    '--epochs',
    '2',
    '--threads',
    '1',
    '--out',
    out,
    ...tiny,
  ];

  it('gives the same weights twice, and after an interruption by Ctrl-C', async () => {
    const whole = await run(command('whole'));
    expect(whole.code, whole.err).toBe(0);
    const { weightsSha256 } = JSON.parse(whole.out);
    expect(JSON.parse((await run(command('again'))).out).weightsSha256).toBe(weightsSha256);

    const mixed = await run([...command('whole'), '--lr', '0.01']);
    expect(mixed.err).toMatch(/holds another training: schedule is .* Name another folder with --out/);
    expect(mixed.code).toBe(2);

    const interrupted = start(command('interrupted'));
    const deadline = Date.now() + 120_000;
    while (
      !existsSync(join(folder, 'interrupted', 'checkpoints')) &&
      !/step/.test(interrupted.output()) &&
      Date.now() < deadline
    ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    interrupted.child.kill('SIGINT');
    const stopped = await interrupted.finished;
    const resumed = await run(command('interrupted'));
    expect(resumed.code, resumed.err).toBe(0);
    expect(JSON.parse(resumed.out).weightsSha256).toBe(weightsSha256);
    // On a fast machine the two short epochs may be over before the signal arrives.
    expect([0, 130]).toContain(stopped.code);
    if (stopped.code === 130) expect(stopped.err).toMatch(/Stopped.*the same command goes on from there/i);
  }, 300_000);
});

describe('on real MNIST', () => {
  if (!dataDir) console.log('skipped: MNIST_DATA_DIR is not set, so nothing runs on real MNIST');
  it.skipIf(!dataDir)(
    'trains the same net twice, and the net learns',
    async () => {
      const command = [
        'train',
        '--json',
        '--net',
        'compact',
        '--widths',
        '16,16,32',
        '--epochs',
        '2',
        '--lr',
        '3e-3',
        '--limit',
        '6000',
        '--seed',
        '3',
      ];
      const outcomes = [];
      for (const out of ['mnist-a', 'mnist-b'])
        outcomes.push(await run([...command, '--out', out], { MNIST_DATA_DIR: dataDir! }));
      const [first, second] = outcomes.map(({ out, err }) => {
        expect(err).not.toMatch(/SYNTHETIC/);
        return JSON.parse(out);
      });
      expect(first.synthetic).toBe(false);
      expect(first.accuracy).toBeGreaterThan(0.9);
      expect(second.weightsSha256).toBe(first.weightsSha256);
    },
    300_000,
  );

  const quick = process.env.MNIST_TEST_QUICK_PRESET === '1';
  if (!quick) console.log('skipped: the quick preset takes five minutes; MNIST_TEST_QUICK_PRESET=1 runs it');
  it.skipIf(!dataDir || !quick)(
    'reaches 99.4 % with the quick preset',
    async () => {
      const { out, code } = await run(['run', '--json', '--out', 'quick'], { MNIST_DATA_DIR: dataDir! });
      expect(code).toBe(0);
      expect(JSON.parse(out).committee.accuracy).toBeGreaterThanOrEqual(0.994);
    },
    1_200_000,
  );
});
