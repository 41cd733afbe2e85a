// The two commands of the README, on a machine that has only Node and npm:
//   node scripts/bootstrap.mjs start [arguments of `example-mnist run`]
//   node scripts/bootstrap.mjs test
// Installs with the pnpm version that package.json pins (through npx, nothing global), builds, then runs the job.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
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
if (task !== 'start' && task !== 'test') {
  console.error(`Unknown task '${task ?? ''}'. Expected: start or test.`);
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
if (task === 'start') {
  await step(
    'Building',
    pnpm('exec', 'turbo', 'run', 'build', '--filter=example-mnist...', '--output-logs=errors-only'),
    {
      quiet: true,
    },
  );
  await step('', [process.execPath, ['examples/mnist/dist/cli.js', 'run', ...rest]]);
} else {
  await step('Building', pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only'), { quiet: true });
  for (const log of testLogs()) rmSync(log, { force: true });
  const code = await run(
    pnpm('exec', 'turbo', 'run', 'test', '--concurrency=1', '--continue', '--output-logs=new-only', ...rest),
  );
  console.log(countTests());
  process.exit(code);
}

/** Where turbo keeps what each package's tests printed. */
function testLogs() {
  return ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name, '.turbo', 'turbo-test.log')),
  );
}

/** The sum over all packages that were tested. */
function countTests() {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const log of testLogs().filter(existsSync)) {
    const plain = stripVTControlCharacters(readFileSync(log, 'utf8'));
    const summary = plain.match(/^.*\bTests +(.*)$/m)?.[1] ?? '';
    for (const [, count, kind] of summary.matchAll(/(\d+) (passed|failed|skipped)/g))
      totals[kind] += Number(count);
  }
  return `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
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
  const code = await run(command, quiet ? output : undefined);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  if (label) process.stderr.write(`${code === 0 ? 'done' : 'failed'} (${seconds} s)\n`);
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    process.exit(code);
  }
}

/** Runs a command with our terminal, or quietly into `output`; resolves with its exit code. */
function run([command, args], output) {
  return new Promise((done, reject) => {
    child = spawn(command, args, {
      cwd: root,
      stdio: output ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      shell: windows && command === 'npx',
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    });
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 1)));
  });
}
