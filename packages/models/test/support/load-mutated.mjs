// Worker of load-mutated.test.ts: loads one damaged model.json after the other, and says before each which.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import '@tensorflow/tfjs-backend-cpu';
import { loadModel } from '../../dist/index.js';

const { folder, json } = workerData;
const substitutes = [null, 0, -1, 7, 'x', '', true, [], {}, [[]], [[['logits', 0, 0, {}]]], ['logits', 0, 0]];

/** [path to the part, the object that holds it, its key] of every part. */
function* parts(value, path = '') {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield [`${path}/${key}`, value, key];
    yield* parts(value[key], `${path}/${key}`);
  }
}

const file = JSON.parse(json);
delete file.structureSha256;
delete file.weightsManifest[0].sha256;
const outcomes = { total: 0 };
// One layer of each kind, and of the connections those of the first block: the others are written alike.
const seen = new Set();
const all = [...parts(file)].filter(([path]) => {
  const layer = /^\/modelTopology\/config\/layers\/(\d+)/.exec(path)?.[1];
  if (layer === undefined || (layer < 6 && path.includes('/inbound_nodes')))
    return !path.startsWith('/weightsManifest/0/weights/');
  const kind = `${file.modelTopology.config.layers[layer].class_name} ${path.replace(/\d+/, '')}`;
  return !seen.has(kind) && seen.add(kind);
});
let turn = 0;
for (const [path, holder, key] of all) {
  const original = holder[key];
  const every = path.includes('/inbound_nodes')
    ? substitutes
    : [0, 1, 2].map(() => substitutes[turn++ % substitutes.length]);
  for (const substitute of every) {
    holder[key] = substitute;
    parentPort.postMessage({ at: `${path} = ${JSON.stringify(substitute)}` });
    await writeFile(join(folder, 'model.json'), JSON.stringify(file));
    const outcome = await loadModel(folder).then(
      (model) => {
        model.dispose();
        return 'a model';
      },
      (error) => (error.name === 'ModelError' ? error.code : `${path}: ${error.stack}`),
    );
    outcomes.total++;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  holder[key] = original;
}
parentPort.postMessage({ outcomes });
