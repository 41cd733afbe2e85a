// Compiles the crate and puts the addon into addon/. Unchanged sources do nothing. Without cargo, or where the crate cannot be
// built, it says so in one line and goes on: the package then reports that its addon is not built. With MNIST_REQUIRE_NATIVE=1
// that is a failure.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const crate = join(root, 'crate');
const target = join(crate, 'target');
const addon = join(root, 'addon', 'mnist-native.node');
const stamp = join(root, 'addon', 'built-from');
/** Why there is no addon, for the error of `nativeEngine`. */
const obstacle = join(root, 'addon', 'not-built-because');

const cargo = (...args) => spawnSync('cargo', args, { cwd: crate, encoding: 'utf8' });

const fingerprint = fingerprintOfSources();
if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) process.exit(0);
// An addon of other sources must not be taken for that of these.
for (const path of [addon, stamp, obstacle]) rmSync(path, { force: true });
mkdirSync(join(root, 'addon'), { recursive: true });
const version = cargo('--version');
if (version.error) giveUp('there is no cargo on PATH; https://rustup.rs installs it');
// rustup's cargo without a toolchain, for one: its second line says what to do.
if (version.status !== 0)
  giveUp(`cargo does not run: ${version.stderr.trim().split('\n').slice(0, 2).join(' ')}`);

console.log('native engine: compiling, about a minute on two cores');
const began = performance.now();
const fetched = cargo('fetch', '--locked', '--quiet');
if (fetched.status !== 0) giveUp(`the crates cannot be fetched: ${reason(fetched)}`);
const build = cargo(
  'build',
  '--release',
  '--locked',
  '--offline',
  '--features',
  'node',
  '--quiet',
  '--target-dir',
  target,
);
if (build.status !== 0) giveUp(reason(build));

const library =
  { darwin: 'libmnist_native.dylib', win32: 'mnist_native.dll' }[process.platform] ?? 'libmnist_native.so';
// Renamed into place: a running process may have the old file mapped.
copyFileSync(join(target, 'release', library), `${addon}.part`);
renameSync(`${addon}.part`, addon);
writeFileSync(stamp, fingerprint);
console.log(`native engine: built in ${((performance.now() - began) / 1000).toFixed(0)} s`);

function fingerprintOfSources() {
  const digest = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const sources = readdirSync(join(crate, 'src'), { recursive: true }).filter((path) => path.endsWith('.rs'));
  for (const path of [
    'Cargo.toml',
    'Cargo.lock',
    'build.rs',
    ...sources.sort().map((path) => join('src', path)),
  ]) {
    digest.update(path).update(readFileSync(join(crate, path)));
  }
  return digest.digest('hex');
}

function reason({ stderr, status }) {
  const lines = stderr.trim().split('\n');
  return (lines.find((line) => line.startsWith('error')) ?? lines.at(-1) ?? `status ${status}`).trim();
}

function giveUp(why) {
  writeFileSync(obstacle, why);
  console.log(`native engine: not built (${why}); the other engines train instead`);
  process.exit(process.env.MNIST_REQUIRE_NATIVE === '1' ? 1 : 0);
}
