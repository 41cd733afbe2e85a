// Copies trained nets to public/nets, where the page finds them:
//   node scripts/prepare-nets.mjs [run or population folder] [--most 9]
// Without a folder the newest run of `npm start` is taken, and where nothing was trained the nets of @mnist/pretrained. Where the
// test images are at hand, those that the committee misses come along.
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadDataset } from '@mnist/dataset';
import { committee } from '@mnist/pretrained';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { most: { type: 'string', default: '9' } },
});
const mostMissed = 48;
const here = fileURLToPath(new URL('..', import.meta.url));
const target = join(here, 'public/nets');
// Started from the root, or inside examples/mnist.
const sources = positionals[0]
  ? [resolve(positionals[0])]
  : [resolve(here, '../../runs'), resolve(here, '../mnist/runs')];
const own = (await Promise.all(sources.map(findNets))).flat();
if (own.length === 0 && positionals[0]) {
  console.error(`${sources[0]}: no trained nets. Name a run's folder, or none for the newest run.`);
  process.exit(2);
}
const shipped = own.length === 0 ? committee() : undefined;
const shippedFolder = fileURLToPath(
  new URL('.', import.meta.resolve('@mnist/pretrained/nets/committee.json')),
);
// Beside the committee's nets lie those that learned from it.
const found = shipped
  ? (await findNets(shippedFolder)).filter(({ folder }) =>
      shipped.nets.some(({ name }) => name === basename(folder)),
    )
  : own;
// All nets of the newest run: members of one committee.
const newest = dirname(found.toSorted((a, b) => b.time - a.time)[0].folder);
const folders = found
  .filter(({ folder }) => dirname(folder) === newest)
  .map(({ folder }) => folder)
  .sort()
  .slice(0, Number(values.most));

const staging = `${target}.new`;
await rm(staging, { recursive: true, force: true });
const names = [];
for (const folder of folders) {
  const name = relative(newest, folder);
  await mkdir(join(staging, name), { recursive: true });
  for (const file of ['model.json', 'weights.bin'])
    await copyFile(join(folder, file), join(staging, name, file));
  names.push(name);
}
const config =
  shipped ?? JSON.parse(await readFile(join(folders[0], 'config.json'), 'utf8').catch(() => '{}'));
const recipe = config.recipe ?? config;
const missed = await missedImages(folders);
await writeFile(
  join(staging, 'index.json'),
  JSON.stringify({ nets: names, augmentation: findKey(recipe, 'augmentation') ?? 'fused', missed }),
);
await rm(target, { recursive: true, force: true });
await rename(staging, target);
console.log(
  `${names.length} nets from ${shipped ? `@mnist/pretrained, which has ${shipped.nets.length}` : newest}${missed.length > 0 ? `, ${missed.length} test images that ${shipped ? 'those miss together' : 'they miss'}` : ''}.`,
);

/** Folders below `folder` that hold a net in the layout of TensorFlow.js. */
async function findNets(folder) {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  return Promise.all(
    files
      .filter((file) => /(^|[\\/])model\.json$/.test(file) && !/(^|[\\/])(work|staging)[\\/]/.test(file))
      .map(async (file) => ({
        folder: join(folder, dirname(file)),
        time: (await stat(join(folder, file))).mtimeMs,
      })),
  );
}

function findKey(value, key) {
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof value[key] === 'string') return value[key];
  return Object.values(value)
    .map((inner) => findKey(inner, key))
    .find((inner) => inner !== undefined);
}

/** Test images whose label the mean of the nets' saved probabilities does not name; of the shipped nets, that of all of them. */
async function missedImages(nets) {
  const votes = shipped
    ? []
    : await Promise.all(nets.map((net) => readFile(join(net, 'probabilities.npy')).catch(() => undefined)));
  if (votes.some((vote) => vote === undefined)) return [];
  let test;
  try {
    test = await loadDataset('mnist', { split: 'test', download: false });
  } catch {
    console.log(
      'The test images are not at hand (MNIST_DATA_DIR): the page does without those that the committee misses.',
    );
    return [];
  }
  if (shipped) return shipped.test.mistakes.slice(0, mostMissed).map(({ image }) => picture(test, image));
  const rows = votes.map((bytes) => {
    const start = 10 + bytes.readUInt16LE(8);
    return new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.byteLength),
    );
  });
  const missed = [];
  for (let i = 0; i < test.labels.shape[0] && missed.length < mostMissed; i++) {
    const sums = Array.from({ length: 10 }, (_, label) =>
      rows.reduce((sum, row) => sum + row[i * 10 + label], 0),
    );
    if (sums.indexOf(Math.max(...sums)) !== test.labels.get(i)) missed.push(picture(test, i));
  }
  return missed;
}

function picture(test, index) {
  const pixels = Uint8Array.from({ length: 784 }, (_, at) =>
    test.images.get(index, Math.floor(at / 28), at % 28),
  );
  return { index, label: test.labels.get(index), pixels: Buffer.from(pixels).toString('base64') };
}
