// Started by load-dataset-processes.test.ts: one process that loads a data set and says what it got.
import { loadDataset } from '../../dist/index.js';

const { context, split, times } = JSON.parse(process.argv[2]);
const warnings = [];
for (let time = 0; time < times; time++) {
  const set = await loadDataset('mnist', { split, context, onWarning: (text) => warnings.push(text) });
  const sum = set.images.data.reduce((total, pixel) => total + pixel, 0);
  process.stdout.write(`${JSON.stringify({ count: set.labels.shape[0], sum, warnings })}\n`);
}
