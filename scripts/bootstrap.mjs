// The two commands of the README, on a machine that has only Node and npm:
//   node scripts/bootstrap.mjs start [arguments of `example-mnist run`]
//   node scripts/bootstrap.mjs test
// Installs with the pnpm version that package.json pins (through npx, nothing global), builds, then runs the job.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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
// A shell that Ctrl-C also reaches must not take this process down before the job has saved its state.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

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
  await step('', pnpm('exec', 'turbo', 'run', 'test', '--concurrency=1', '--output-logs=new-only', ...rest));
}

/** The pinned pnpm: the one that runs us when it is that one, otherwise through npx. */
function pnpm(...args) {
  return ['npx', ['--yes', packageManager, ...args]];
}

/** Runs a command with our terminal; ends this process with the command's own code when it fails. */
async function step(label, [command, args], { quiet = false } = {}) {
  const started = Date.now();
  if (label) process.stderr.write(`${label} ... `);
  const output = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      shell: windows && command === 'npx',
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    });
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('exit', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  if (label)
    process.stderr.write(
      `${code === 0 ? 'done' : 'failed'} (${((Date.now() - started) / 1000).toFixed(0)} s)\n`,
    );
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    process.exit(code);
  }
}
