// Formatting, lints (arm64 too, where its target is installed), tests and known vulnerabilities of the crate. Without cargo
// it says so and does nothing.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('../crate', import.meta.url));
const cargo = (...args) => spawnSync('cargo', args, { cwd, stdio: 'inherit' }).status;
const has = (command) => spawnSync('cargo', [command, '--version'], { cwd, stdio: 'ignore' }).status === 0;

if (spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status !== 0) {
  console.log('skipped: there is no cargo on PATH');
  process.exit(0);
}
const checks = [
  ['fmt', '--check'],
  ['clippy', '--all-targets', '--locked', '--', '-D', 'warnings'],
  ['clippy', '--lib', '--locked', '--features', 'node', '--', '-D', 'warnings'],
  ['test', '--release', '--locked'],
];
// What only one processor's code uses is dead code to the others.
const arm64 = 'aarch64-unknown-linux-gnu';
const targets = spawnSync('rustup', ['target', 'list', '--installed'], { encoding: 'utf8' }).stdout ?? '';
if (targets.includes(arm64))
  checks.push(['clippy', '--lib', '--locked', '--target', arm64, '--', '-D', 'warnings']);
else console.log(`skipped: the lints for arm64 need \`rustup target add ${arm64}\``);
if (has('audit')) checks.push(['audit']);
else console.log('skipped: cargo audit is not installed (cargo install cargo-audit)');
for (const check of checks) {
  console.log(`> cargo ${check.join(' ')}`);
  if (cargo(...check) !== 0) process.exit(1);
}
