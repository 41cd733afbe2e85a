// Trains the same population twice: once in peace, once with its whole process group killed by SIGKILL at random
// moments. The two must be equal, bit for bit, but for the files that record times and machines.
//   node scripts/check-kill.mjs [--nets 4] [--epochs 1] [--kills 2] [--seed 1] [--dir FOLDER] [--limit N]
// Needs MNIST (MNIST_DATA_DIR) and, with the defaults, about ten minutes on two cores.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPopulation } from '@mnist/population';

const { values } = parseArgs({
  options: {
    nets: { type: 'string', default: '4' },
    epochs: { type: 'string', default: '1' },
    kills: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    dir: { type: 'string' },
    limit: { type: 'string' },
  },
});
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const root = values.dir ?? mkdtempSync(join(tmpdir(), 'mnist-kill-'));
mkdirSync(root, { recursive: true });

function start(folder) {
  const args = [
    cli,
    'population',
    join(root, folder),
    '--preset',
    'compact',
    '--count',
    values.nets,
    '--epochs',
    values.epochs,
  ];
  args.push('--annihilation', '0', '--seed', values.seed, ...(values.limit ? ['--limit', values.limit] : []));
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  return { child, ended };
}

const before = performance.now();
const peaceful = await start('peaceful').ended;
if (peaceful.code !== 0) throw new Error(`the undisturbed run ended with code ${peaceful.code}`);
const duration = performance.now() - before;

for (let kill = 1; kill <= Number(values.kills); kill++) {
  const { child, ended } = start('killed');
  const moment = (0.15 + 0.35 * Math.random()) * duration;
  const first = await Promise.race([ended, delay(moment).then(() => undefined)]);
  if (first) throw new Error(`the run ended by itself (code ${first.code}) before kill ${kill}`);
  process.kill(-child.pid, 'SIGKILL');
  await ended;
  console.log(`kill ${kill} after ${(moment / 1000).toFixed(1)} s`);
}
const resumed = await start('killed').ended;
if (resumed.code !== 0) throw new Error(`the resumed run ended with code ${resumed.code}`);

const digests = async (folder) =>
  (await openPopulation(join(root, folder))).members.map(({ digest }) => digest);
const [left, right] = [await digests('peaceful'), await digests('killed')];
const equal = left.length === right.length && left.every((digest, index) => digest === right[index]);
console.log(
  `${left.length} nets, killed ${values.kills} times: ${equal ? 'equal bit for bit' : 'DIFFERENT'} (${root})`,
);
process.exitCode = equal ? 0 : 1;
