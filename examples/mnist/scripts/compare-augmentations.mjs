// Which augmentation should be the default? Trains the same nets, same seeds and epochs, under each, and tests them.
//   node scripts/compare-augmentations.mjs [--nets 3] [--epochs 3] [--dir FOLDER]
// Needs MNIST (MNIST_DATA_DIR); about 15 minutes on two cores with the defaults. Resumable: repeat with the same --dir.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPopulation } from '@mnist/population';

const { values } = parseArgs({
  options: {
    nets: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '3' },
    dir: { type: 'string' },
  },
});
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const root = values.dir ?? mkdtempSync(join(tmpdir(), 'mnist-augmentations-'));
mkdirSync(root, { recursive: true });
const run = (...args) =>
  execFileSync(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

const rows = [];
for (const augmentation of ['none', 'exact', 'fused']) {
  const folder = join(root, augmentation);
  const options = [
    '--preset',
    'compact',
    '--augmentation',
    augmentation,
    '--count',
    values.nets,
    '--epochs',
    values.epochs,
  ];
  run('population', folder, ...options, '--annihilation', '0', '--seed', '1', '--json');
  const seconds = [];
  for (const member of (await openPopulation(folder)).members)
    seconds.push((await member.readEnvironment()).seconds);
  for (const view of augmentation === 'fused' ? ['fused', 'exact'] : [augmentation]) {
    const { members, accuracy } = JSON.parse(run('evaluate', folder, '--view', view, '--json'));
    const shares = members.map((member) => member.accuracy * 100);
    const mean = shares.reduce((a, b) => a + b) / shares.length;
    const deviation = Math.sqrt(
      shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1),
    );
    rows.push([
      augmentation,
      view === 'none' ? 'exact' : view,
      shares.map((share) => share.toFixed(2)).join(', '),
      `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`,
      (accuracy * 100).toFixed(2),
      (seconds.reduce((a, b) => a + b) / seconds.length).toFixed(0),
    ]);
  }
}
const header = [
  'augmentation',
  'test view',
  'test accuracy of each net, %',
  'mean ± sd, %',
  'their vote, %',
  'seconds a net',
];
console.log(
  `compactNet, ${values.epochs} epochs of 60,000, lr 2e-3 falling to 2e-4, n = ${values.nets} seeds each; ${cpus()[0].model}, ${cpus().length} cores\n`,
);
for (const row of [header, header.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
