// pnpm chaos [--long] [--seed n] [--only text]: makes trouble for populations and counts what survives it.
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
  },
});
const seed = Number(values.seed);
const length = values.long ? 'long' : 'short';
const began = performance.now();
const table = [];
const faults = [];

for (const [number, row] of [...folderRows, ...queueRows].entries()) {
  if (!row.name.includes(values.only)) continue;
  const reason = row.needs?.();
  if (reason !== undefined) {
    table.push([row.name, 'skipped', reason]);
    console.error(`${row.name}: skipped, ${reason}`);
    continue;
  }
  const start = performance.now();
  const each = row.counts ?? 1;
  let survived = 0;
  for (let i = 0; i < row.trials[length]; i += 1) {
    const trial = new Trial();
    try {
      await row.run(trial, randomOf((seed * 1000 + number) * 100_003 + i));
      survived += each;
    } catch (error) {
      faults.push(`${row.name}, trial ${i} of seed ${seed}: ${error?.stack ?? error}`);
    } finally {
      await trial.close();
    }
  }
  const tried = row.trials[length] * each;
  table.push([row.name, String(tried), String(survived)]);
  console.error(
    `${row.name}: ${tried} -> ${survived} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
  );
}

console.log('| what happens | tried | survived |\n|---|---|---|');
for (const cells of table) console.log(`| ${cells.join(' | ')} |`);
console.log(`\nSeed ${seed}, ${((performance.now() - began) / 1000).toFixed(0)} s.`);
for (const fault of faults) console.error(`\nnot survived: ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
