// Compiles the crate and puts the addon into addon/. Unchanged sources do nothing. Without cargo, or where the crates cannot
// be had, it says so in one line and goes on: the package then reports that its addon is not built. With CI=true a crate that
// does not compile is a failure.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const crate = join(root, 'crate');
const addon = join(root, 'addon', 'mnist-native.node');
const stamp = join(root, 'addon', 'built-from');

const version = spawnSync('cargo', ['--version'], { cwd: crate, encoding: 'utf8' });
if (version.status !== 0) {
  console.log('native engine: not built (no cargo on PATH; https://rustup.rs installs it)');
  process.exit(0);
}

const digest = createHash('sha256')
  .update(version.stdout)
  .update(process.platform + process.arch);
const sources = readdirSync(join(crate, 'src'), { recursive: true }).filter((path) => path.endsWith('.rs'));
for (const path of [
  'Cargo.toml',
  'Cargo.lock',
  'build.rs',
  ...sources.sort().map((path) => join('src', path)),
]) {
  digest.update(path).update(readFileSync(join(crate, path)));
}
const fingerprint = digest.digest('hex');
if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) process.exit(0);

const began = performance.now();
const build = spawnSync('cargo', ['build', '--release', '--locked', '--features', 'node', '--quiet'], {
  cwd: crate,
  encoding: 'utf8',
});
if (build.status !== 0) {
  const lines = build.stderr.trim().split('\n');
  const reason = lines.find((line) => line.startsWith('error')) ?? lines.at(-1) ?? `status ${build.status}`;
  console.log(`native engine: not built (${reason.trim()})`);
  if (process.env.CI) console.log(build.stderr);
  process.exit(process.env.CI ? 1 : 0);
}
const library = { linux: 'libmnist_native.so', darwin: 'libmnist_native.dylib', win32: 'mnist_native.dll' };
mkdirSync(join(root, 'addon'), { recursive: true });
// Renamed into place: a running process may have the old file mapped.
copyFileSync(join(crate, 'target', 'release', library[process.platform] ?? library.linux), `${addon}.part`);
renameSync(`${addon}.part`, addon);
writeFileSync(stamp, fingerprint);
console.log(`native engine: built in ${((performance.now() - began) / 1000).toFixed(0)} s`);
