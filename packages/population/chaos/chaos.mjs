// pnpm chaos [--long] [--seed n] [--only text] [--jobs n]: makes trouble for populations and counts what survives it.
// Survived means: the nets equal, byte for byte, those of a run that nobody disturbed; or the fault was found and named.
import { parseArgs } from 'node:util';
import { folderRows } from './folder-rows.mjs';
import { queueRows } from './queue-rows.mjs';
import { randomOf, Trial } from './support.mjs';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    // Rows at a time: most of a row is waiting.
    jobs: { type: 'string', default: '3' },
  },
});
const seed = Number(values.seed);
const length = values.long ? 'long' : 'short';
const began = performance.now();
const faults = [];
const rows = [...folderRows, ...queueRows]
  .map((row, number) => ({ ...row, number }))
  .filter(({ name }) => name.includes(values.only));
const table = new Map(rows.map(({ name }) => [name, []]));
const queue = [...rows];

async function takeRows() {
  for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
    const cells = await runRow(row);
    table.set(row.name, cells);
  }
}

async function runRow({ name, number, needs, counts: each = 1, trials, run }) {
  const reason = needs?.();
  if (reason !== undefined) {
    console.error(`${name}: skipped, ${reason}`);
    return ['skipped', reason];
  }
  const start = performance.now();
  let survived = 0;
  for (let i = 0; i < trials[length]; i += 1) {
    const trial = new Trial();
    try {
      await run(trial, randomOf((seed * 1000 + number) * 100_003 + i));
      survived += each;
    } catch (error) {
      faults.push(`${name}, trial ${i} of seed ${seed}: ${error?.stack ?? error}`);
    } finally {
      await trial.close();
    }
  }
  const tried = trials[length] * each;
  console.error(`${name}: ${tried} -> ${survived} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return [String(tried), String(survived)];
}

await Promise.all(Array.from({ length: Number(values.jobs) }, takeRows));
console.log('| what happens | tried | survived |\n|---|---|---|');
for (const [name, cells] of table) console.log(`| ${[name, ...cells].join(' | ')} |`);
console.log(`\nSeed ${seed}, ${((performance.now() - began) / 1000).toFixed(0)} s.`);
for (const fault of faults) console.error(`\nnot survived: ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
