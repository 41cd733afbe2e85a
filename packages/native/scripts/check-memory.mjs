// The unsafe parts under AddressSanitizer: node scripts/check-memory.mjs
// Needs a nightly toolchain: `rustup toolchain install nightly`. Runs the crate's tests on
// every path of this machine, AMX emulated.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('../crate', import.meta.url));
if (spawnSync('cargo', ['+nightly', '--version'], { stdio: 'ignore' }).status !== 0) {
  console.error('cargo +nightly is not there: rustup toolchain install nightly');
  process.exit(3);
}
const target = /host: (.*)/.exec(spawnSync('cargo', ['+nightly', '-vV'], { encoding: 'utf8' }).stdout)[1];
const { status } = spawnSync('cargo', ['+nightly', 'test', '--locked', '--release', '--target', target], {
  cwd,
  stdio: 'inherit',
  env: { ...process.env, RUSTFLAGS: '-Zsanitizer=address', NATIVE_NETS: process.env.NATIVE_NETS ?? '5' },
});
process.exit(status ?? 1);
