// The figures of the README, from what lies beside the nets.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The nets that are shipped beside the committee, each described in a file of its name. */
export const singles = ['distilled-compact', 'distilled-double'];
const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const described = (name) =>
  JSON.parse(readFileSync(new URL(`../nets/${name}.json`, import.meta.url), 'utf8'));
const blocks = {
  figures: () => figures(described('committee')),
  distilled: () => distilled(singles.map(described)),
};

/** @returns the README as it is, and as it should be */
export function drawn() {
  const text = readFileSync(readme, 'utf8');
  let should = text;
  for (const [name, draw] of Object.entries(blocks)) {
    const block = new RegExp(`(?<=<!-- ${name}: begin -->\\n)[\\s\\S]*?(?=<!-- ${name}: end -->)`);
    if (!block.test(text))
      throw new Error(`${readme} has no lines '<!-- ${name}: begin -->' and '<!-- ${name}: end -->'`);
    should = should.replace(block, draw);
  }
  return { text, should };
}

export function drawFigures() {
  writeFileSync(readme, drawn().should);
}

const percent = (share) => (100 * share).toFixed(2);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`;
const bytesOf = ({ files }) => Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
const interval = ({ lower, upper }) => `95 % interval ${percent(lower)} to ${percent(upper)}, Wilson`;

function figures({ nets, test, recipe, seed, data, dataset }) {
  const bytes = nets.map(bytesOf);
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
      `**${percent(1 - test.errors / test.count)} %** of the ${test.count.toLocaleString('en-US')} test images, ${test.errors} errors (${interval(test.interval)})`,
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

function distilled(committees) {
  const rows = committees.map(({ nets: [net], test, recipe }) => [
    `\`${net.name}\``,
    recipe.net.widths.join('/'),
    megabytes(bytesOf(net)),
    `**${percent(1 - test.errors / test.count)} %**, ${test.errors} errors (${interval(test.interval)})`,
    `${recipe.distillation.teachers.length}, label share ${recipe.distillation.labelShare}`,
    test.computedBy,
  ]);
  return [
    '| net | channels | size | of the test images | teachers | tested by |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}
