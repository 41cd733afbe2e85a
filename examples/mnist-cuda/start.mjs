// The experiment on TensorFlow's CUDA build, from a fresh clone:
//   npm run start:cuda [-- arguments of `example-mnist run`]
// Installs @tensorflow/tfjs-node-gpu in this folder alone (npm ci, then its install script, which downloads libtensorflow),
// looks whether TensorFlow really uses a GPU, then runs `npm start` with it. Nothing falls back to the processor.
//   INSTALL_TIMEOUT   seconds for each of the two downloads; default 1800
//   START_CUDA_DOWNLOAD=1   downloads although no NVIDIA GPU is seen here
// Exit code 3: something is missing here; the last lines say what.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const name = '@tensorflow/tfjs-node-gpu';
const installed = join(here, 'node_modules', name);
/** Written last: files of a download that was ended half-way look like those of a whole one. npm ci removes it. */
const completed = join(here, 'node_modules/.start-cuda-completed');
const windows = process.platform === 'win32';
const limit = Number(process.env.INSTALL_TIMEOUT ?? 1800);
if (!(limit > 0)) fail(`INSTALL_TIMEOUT is '${process.env.INSTALL_TIMEOUT}'; expected a number of seconds`);
if (!['linux', 'win32'].includes(process.platform) || process.arch !== 'x64') {
  fail(`${name} has a CUDA build for linux-x64 and win32-x64, not for ${process.platform}-${process.arch}`);
}
if (process.env.START_CUDA_DOWNLOAD !== '1' && !seesGpu()) {
  fail(
    'no NVIDIA GPU is seen here: nvidia-smi lists none, and the driver has no device. Nothing was downloaded.' +
      ' START_CUDA_DOWNLOAD=1 goes on all the same. Any other GPU, or none: npm start',
  );
}

if (!existsSync(completed) || !(await hasFiles())) {
  await download(
    `1/3 installing ${name} 4.22.0`,
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'],
    "npm's registry (`npm config get registry`)",
  );
  const host = process.env.TFJS_NODE_BASE_URI ?? 'https://storage.googleapis.com';
  const source = `${host} (TFJS_NODE_BASE_URI names a mirror of libtensorflow)`;
  await download(
    '2/3 its install script: libtensorflow for CUDA (about 400 MB) and the addon',
    ['rebuild', name, '--foreground-scripts'],
    source,
  );
  // npm has been seen to call an install script that ended early a success.
  if (!(await hasFiles())) {
    fail(`the install script of ${name} ended, but its addon or library is missing. ${remedyFor(source)}`);
  }
  await writeFile(completed, '');
}

console.error('3/3 does TensorFlow use a GPU?');
const probe = `
  const util = require('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  const tf = require('${name}');
  const [six] = tf.matMul([[1, 2]], [[4], [1]]).dataSync();
  if (six !== 6) throw new Error('1 * 4 + 2 * 1 is ' + six + ' there');
  process.exitCode = tf.backend().isUsingGpuDevice ? 0 : 4;`;
const code = await run(process.execPath, ['-e', probe], { cwd: here });
if (code !== 0) {
  fail(
    (code === 4
      ? 'TensorFlow loaded, but found no GPU that it can use and would compute on the processor.'
      : 'TensorFlow does not load.') +
      ' Its messages above say what it looked for. This build wants an NVIDIA driver, CUDA 11.2 and cuDNN 8.1 (on Linux in' +
      ' LD_LIBRARY_PATH). With a newer CUDA: packages/tfjs/scripts/build-tfjs-node.sh, see packages/tfjs/README.md.' +
      ' Any other GPU: npm start',
  );
}
const args = ['scripts/bootstrap.mjs', 'start', '--engine', 'tfjs:tensorflow-gpu', ...process.argv.slice(2)];
process.exit(await run(process.execPath, args, { cwd: root, env: { MNIST_TFJS_NODE_FOLDER: here } }));

function fail(reason) {
  console.error(`start:cuda: ${reason}`);
  process.exit(3);
}

function remedyFor(source) {
  return (
    `The files come from ${source}. Make sure that this machine reaches it, behind a proxy with HTTPS_PROXY, and gets no` +
    ' error page for an archive; then repeat the command. Without TensorFlow: npm start'
  );
}

/** A container may lack the tool and have the device: of Linux's driver, or of the one that WSL shares with Windows. */
function seesGpu() {
  // With a driver that hangs the tool hangs too.
  const { stdout } = spawnSync('nvidia-smi', ['-L'], { encoding: 'utf8', timeout: 10_000 });
  return /^GPU /m.test(stdout ?? '') || ['/dev/nvidiactl', '/dev/dxg'].some((device) => existsSync(device));
}

/** The addon and the library that it loads: what the second download brings. */
async function hasFiles() {
  const library = windows ? 'tensorflow.dll' : 'libtensorflow.so.2';
  const [addons, libraries] = await Promise.all([
    list(join(installed, 'lib')),
    list(join(installed, 'deps/lib')),
  ]);
  return addons.some((file) => file.endsWith('tfjs_binding.node')) && libraries.includes(library);
}

async function list(folder) {
  return readdir(folder, { recursive: true }).catch(() => []);
}

/**
 * An npm command under the time limit; tells every ten seconds how much is there. Ends this process where it fails.
 *
 * @param source where it fetches from, for people
 */
async function download(title, args, source) {
  console.error(title);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const progress = setInterval(async () => {
    console.error(
      `  ${seconds()} s of at most ${limit} s, ${await megabytes(join(here, 'node_modules'))} MB here`,
    );
  }, 10_000);
  const code = await run('npm', args, { cwd: here, seconds: limit }).finally(() => clearInterval(progress));
  if (code === 0) return;
  if (code === 130 || code === 143) process.exit(code);
  fail(
    code === 'timeout'
      ? `npm ${args[0]} took longer than ${limit} s and was ended: a host does not answer, or the line is slow (INSTALL_TIMEOUT=${2 * limit} allows more). ${remedyFor(source)}`
      : `npm ${args[0]} failed with code ${code}; the reason is above. ${remedyFor(source)}`,
  );
}

async function megabytes(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map((file) =>
        stat(join(file.parentPath ?? file.path, file.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20);
}

/** Resolves with the exit code, or 'timeout' once the command and everything that it started was ended. */
function run(command, args, { cwd, env = {}, seconds }) {
  return new Promise((resolve, reject) => {
    const shell = windows && command === 'npm';
    // A group of its own where there is a limit: npm's scripts start processes that would outlive it.
    const detached = seconds !== undefined && !windows;
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'inherit',
      shell,
      detached,
    });
    const end = (signal) => {
      try {
        if (windows) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f']);
        else process.kill(detached ? -child.pid : child.pid, signal);
      } catch {
        // Ended by itself meanwhile.
      }
    };
    let late = false;
    const timer =
      seconds &&
      setTimeout(() => {
        late = true;
        end('SIGKILL');
      }, seconds * 1000);
    // A terminal's Ctrl-C reaches a child of our own group by itself; a group of its own hears of it from here.
    const stop = (signal) => (detached || signal === 'SIGTERM') && end(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      for (const each of ['SIGINT', 'SIGTERM']) process.off(each, stop);
      if (late) resolve('timeout');
      else resolve(code ?? 128 + (constants.signals[signal] ?? 1));
    });
  });
}
