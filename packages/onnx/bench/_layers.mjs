import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CRATE = fileURLToPath(new URL('../../native/crate', import.meta.url));
const NETS = {
  quick: ['quick'],
  compact: ['compact'],
  committee: ['paper'],
  all: ['quick', 'compact', 'paper'],
};

/** Milliseconds of each part of a step in each layer, from the crate's own example: needs cargo. */
export function printLayers({ net, steps }) {
  if (!NETS[net]) throw new Error(`--net is '${net}'; expected quick, compact, committee or all`);
  for (const name of NETS[net]) {
    const args = [
      'run',
      '--release',
      '--locked',
      '--quiet',
      '--example',
      'fused',
      '--',
      'table',
      name,
      steps,
    ];
    console.log(
      `${name}: fused path, one thread, batch 100 (NATIVE_PATH, PRECISION and THREADS choose another)`,
    );
    const { error, status } = spawnSync('cargo', args, { cwd: CRATE, stdio: 'inherit' });
    if (error?.code === 'ENOENT') {
      console.error('the table by layer needs cargo on PATH (https://rustup.rs)');
      process.exitCode = 3;
      return;
    }
    if (status !== 0) process.exitCode = 1;
  }
}
