// The two commands of the README, on a machine that has only Node and npm:
//   node scripts/bootstrap.mjs start [arguments of `example-mnist run`]
//   node scripts/bootstrap.mjs demo [folder of trained nets]
//   node scripts/bootstrap.mjs doctor | gpu-check [arguments of theirs]
//   node scripts/bootstrap.mjs test
// Installs with the pnpm version that package.json pins (through npx, nothing global), builds, then runs the job.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const [task, ...rest] = process.argv.slice(2);
const { packageManager, engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: this project needs ${engines.node}.`);
  process.exit(2);
}
/** What the tasks around the program run once it is built. */
const programs = {
  start: ['examples/mnist/dist/cli.js', 'run'],
  doctor: ['examples/mnist/dist/cli.js', 'doctor'],
  'gpu-check': ['examples/mnist/scripts/gpu-check.mjs'],
};
if (!(task in programs) && task !== 'demo' && task !== 'test') {
  console.error(`Unknown task '${task ?? ''}'. Expected: ${Object.keys(programs).join(', ')}, demo or test.`);
  process.exit(2);
}

const windows = process.platform === 'win32';
/** The command that runs now. */
let child;
// Ctrl-C reaches the job by itself, and it must be able to save its state before this process goes.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child?.kill('SIGTERM'));
// Commands run in other folders than the one this was started from.
if (process.env.MNIST_DATA_DIR) process.env.MNIST_DATA_DIR = resolve(process.env.MNIST_DATA_DIR);

await step('Installing', pnpm('install', '--frozen-lockfile', '--reporter=append-only'), { quiet: true });
if (task in programs) {
  await step(
    'Building',
    pnpm('exec', 'turbo', 'run', 'build', '--filter=example-mnist...', '--output-logs=errors-only'),
    {
      quiet: true,
    },
  );
  await step('', [process.execPath, [...programs[task], ...rest]]);
} else if (task === 'demo') {
  await step(
    'Building',
    pnpm('exec', 'turbo', 'run', 'build', '--filter=example-browser^...', '--output-logs=errors-only'),
    { quiet: true },
  );
  await step('', [process.execPath, ['examples/browser/scripts/prepare-nets.mjs', ...rest]]);
  await step('', pnpm('--filter', 'example-browser', 'exec', 'vite', 'build', '--logLevel', 'warn'), {
    quiet: true,
  });
  await step('', pnpm('--filter', 'example-browser', 'exec', 'vite', 'preview', '--open'));
} else {
  await step('Building', pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only'), { quiet: true });
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const code = await run(
    pnpm('exec', 'turbo', 'run', 'test', '--concurrency=1', '--continue', '--output-logs=new-only', ...rest),
    { onLine: (line) => addTests(totals, line) },
  );
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  if (process.env.MNIST_TEST_FAIL_ON_SKIP === '1' && totals.skipped > 0) {
    console.error(
      'MNIST_TEST_FAIL_ON_SKIP: this machine is expected to skip nothing; the reasons are above.',
    );
    process.exit(code || 1);
  }
  process.exit(code);
}

/** Adds up the packages' closing lines, such as '@mnist/viz:test:  Tests  184 passed | 1 skipped (185)'. */
function addTests(totals, line) {
  const summary = stripVTControlCharacters(line).match(/^\S+:test: +Tests +(.*)$/)?.[1] ?? '';
  for (const [, count, kind] of summary.matchAll(/(\d+) (passed|failed|skipped)/g))
    totals[kind] += Number(count);
}

/** The pinned pnpm, through npx: nothing global is needed or changed. */
function pnpm(...args) {
  return ['npx', ['--yes', packageManager, ...args]];
}

/** Runs a command; ends this process with the command's own code when it fails. */
async function step(label, command, { quiet = false } = {}) {
  const started = Date.now();
  if (label) process.stderr.write(`${label} ... `);
  const output = [];
  const code = await run(command, quiet ? { output } : {});
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  if (label) process.stderr.write(`${code === 0 ? 'done' : 'failed'} (${seconds} s)\n`);
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    process.exit(code);
  }
}

/**
 * Runs a command and resolves with its exit code. It has our terminal, unless `output` collects what it prints or `onLine`
 * hears each line of its standard output, which is passed on.
 */
function run([command, args], { output, onLine } = {}) {
  return new Promise((done, reject) => {
    const colour = onLine && process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : {};
    child = spawn(command, args, {
      cwd: root,
      stdio: output ? ['ignore', 'pipe', 'pipe'] : ['inherit', onLine ? 'pipe' : 'inherit', 'inherit'],
      shell: windows && command === 'npx',
      env: { ...process.env, ...colour, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    });
    if (output) {
      child.stdout.on('data', (chunk) => output.push(chunk));
      child.stderr.on('data', (chunk) => output.push(chunk));
    } else if (onLine) {
      child.stdout.pipe(process.stdout, { end: false });
      createInterface({ input: child.stdout }).on('line', onLine);
    }
    child.on('error', reject);
    child.on('close', (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 1)));
  });
}
