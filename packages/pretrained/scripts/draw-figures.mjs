// The figures of the README, from nets/committee.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const committee = fileURLToPath(new URL('../nets/committee.json', import.meta.url));
const block = /(?<=<!-- figures: begin -->\n)[\s\S]*?(?=<!-- figures: end -->)/;

/** @returns the README as it is, and as it should be */
export function drawn() {
  const text = readFileSync(readme, 'utf8');
  if (!block.test(text))
    throw new Error(`${readme} has no lines '<!-- figures: begin -->' and '<!-- figures: end -->'`);
  return { text, should: text.replace(block, () => figures(JSON.parse(readFileSync(committee, 'utf8')))) };
}

export function drawFigures() {
  writeFileSync(readme, drawn().should);
}

function figures({ nets, test, recipe, seed, data, dataset }) {
  const percent = (share) => (100 * share).toFixed(2);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`;
  const bytes = nets.map(({ files }) => Object.values(files).reduce((sum, file) => sum + file.bytes, 0));
  const errors = nets.map((net) => net.errors).sort((a, b) => a - b);
  const mean = errors.reduce((sum, count) => sum + count, 0) / errors.length;
  const fullMean = nets.reduce((sum, net) => sum + net.errorsInFullPrecision, 0) / nets.length;
  const { schedule } = recipe;
  const rates =
    schedule.kind === 'oneCycle'
      ? `one cycle up to ${schedule.peak}`
      : `learning rate ${schedule.start} falling to ${schedule.end}`;
  const average = recipe.weightAverage
    ? `, weights averaged with a half-life of ${recipe.weightAverage.halfLife} steps`
    : '';
  const rows = [
    [
      'nets',
      `${nets.length}, \`${recipe.net.name}\` of ${recipe.net.widths.join('/')} channels, ${megabytes(bytes[0])} each, ${megabytes(bytes.reduce((sum, each) => sum + each, 0))} together`,
    ],
    [
      'together',
      `**${percent(1 - test.errors / test.count)} %** of the ${test.count.toLocaleString('en-US')} test images, ${test.errors} errors (95 % interval ${percent(test.interval.lower)} to ${percent(test.interval.upper)}, Wilson)`,
    ],
    [
      'each alone',
      `${errors[0]} to ${errors.at(-1)} errors, mean ${mean.toFixed(1)}; before rounding to half precision ${fullMean.toFixed(1)}`,
    ],
    [
      'trained on',
      `the training images of ${dataset.name === 'mnist' ? 'MNIST' : dataset.name}, SHA-256 of pixels and labels \`${data.train.slice(0, 16)}...\``,
    ],
    [
      'recipe',
      `${recipe.epochs} + ${recipe.annihilationEpochs} epochs, batches of ${recipe.batchSize}, ${rates}, augmentation \`${recipe.augmentation}\`${average}; population seed ${seed}`,
    ],
    ['trained by', [...new Set(nets.map(({ computedBy }) => computedBy))].join('; ')],
    ['tested by', test.computedBy],
  ];
  return ['| | |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n');
}
