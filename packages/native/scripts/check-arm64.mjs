// The crate's tests and random nets on arm64, under qemu: node scripts/check-arm64.mjs [NETS]
// Needs on an x64 Linux: cargo and `rustup target add aarch64-unknown-linux-gnu`; of Debian or Ubuntu the packages qemu-user,
// gcc-aarch64-linux-gnu and libc6-dev-arm64-cross.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const NEEDED = {
  'qemu-aarch64': 'qemu-user',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu and libc6-dev-arm64-cross',
  cargo: 'https://rustup.rs',
};
const [nets = '200'] = process.argv.slice(2);
for (const [command, where] of Object.entries(NEEDED)) {
  if (spawnSync(command, ['--version'], { stdio: 'ignore' }).error) {
    console.error(`${command} is not on PATH: ${where}`);
    process.exit(3);
  }
}
const { status } = spawnSync(
  'cargo',
  ['test', '--release', '--locked', '--target', 'aarch64-unknown-linux-gnu', '--', '--nocapture'],
  {
    cwd: fileURLToPath(new URL('../crate', import.meta.url)),
    stdio: 'inherit',
    env: {
      ...process.env,
      NATIVE_NETS: nets,
      CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: 'aarch64-linux-gnu-gcc',
      CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER: 'qemu-aarch64 -L /usr/aarch64-linux-gnu',
    },
  },
);
process.exit(status ?? 1);
