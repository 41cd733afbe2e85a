// Right answers of a committee per scene, as a table:
//   MNIST_DATA_DIR=... pnpm --filter @mnist/handwriting scenes --nets <folder> [--seed 1] [--only regular-expression] [--sheet folder [--misread]] [--photos folder]
// `--nets` is a folder under which `run` or `population` of examples/mnist saved nets; `--sheet` draws every scene, with `--misread` only what was read wrongly;
// `--photos` writes the pictures themselves, for `example-mnist predict --explain`.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fusedEvaluationPipeline } from '@mnist/augment';
import { loadModel } from '@mnist/models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import sharp, { type OverlayOptions } from 'sharp';
import { Draw } from '../scenes/canvas.js';
import { empty } from '../scenes/empty-scenes.js';
import { digitsOfScenes } from '../scenes/scene-digits.js';
import { scenes } from '../scenes/scenes.js';
import { explainDigit, HandwritingError, type Picture, prepareDigit, prepareDigits } from '../src/index.js';

const { values } = parseArgs({
  options: {
    nets: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    every: { type: 'string', default: '1' },
    sheet: { type: 'string' },
    photos: { type: 'string' },
    misread: { type: 'boolean', default: false },
  },
});
if (!values.nets)
  throw new Error('Give --nets <folder>: where `example-mnist run` or `population` saved its nets.');
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
const seed = Number(values.seed);
await tf.setBackend('wasm');
await tf.ready();
const nets = await loadNets(values.nets);
const view = fusedEvaluationPipeline();

const { digits, real } = await digitsOfScenes(scenes.length, seed);
console.log(
  `${nets.length} nets; 20 digits a scene: 10 of pen strokes, 10 ${real ? 'test images of MNIST' : 'more of pen strokes (MNIST_DATA_DIR is not set)'}; seed ${seed}\n`,
);
console.log('| scene | right of 20 | misread (truth > answer) |\n| --- | ---: | --- |');
let below = 0;
let milliseconds = 0;
let prepared = 0;
for (const [index, scene] of scenes.entries()) {
  if (values.only && !new RegExp(values.only).test(scene.name)) continue;
  const draw = new Draw(seed * 7919 + index);
  const misread: string[] = [];
  const tiles: { picture: Picture; caption: string }[] = [];
  for (const [position, digit] of digits[index]!.entries()) {
    if (position % Number(values.every)) continue;
    const picture = await scene.paint(digit, draw);
    if (values.photos) await savePhoto(values.photos, `${scene.name} ${position}`, picture);
    let answer = '-';
    const started = performance.now();
    try {
      const result = prepareDigit(picture);
      milliseconds += performance.now() - started;
      prepared++;
      answer = String(classify(result.image));
      if (result.warnings.includes('several-digits')) answer += 's';
    } catch (error) {
      if (!(error instanceof HandwritingError)) throw error;
    }
    const isWrong = answer[0] !== String(digit.label);
    if (isWrong) misread.push(`${digit.source} ${digit.label} > ${answer}`);
    else if (answer.endsWith('s')) misread.push(`(${digit.source} ${digit.label}: several announced)`);
    if (values.sheet && (isWrong || !values.misread)) tiles.push({ picture, caption: `${position}` });
  }
  const wrong = misread.filter((text) => !text.startsWith('(')).length;
  if (wrong > 1) below++;
  console.log(`| ${scene.name} | ${20 - wrong} | ${misread.join(', ')} |`);
  if (values.sheet && tiles.length > 0) await drawSheet(values.sheet, scene.name, tiles);
}
console.log(
  `\nScenes below 19 of 20: ${below}. Preparation: ${(milliseconds / prepared).toFixed(0)} ms a picture.`,
);
if (!values.only)
  for (const { name, paint } of empty) {
    const result = prepareDigits(paint(new Draw(seed)));
    console.log(
      `without a digit, ${name}: ${result.digits.length === 0 ? 'refused' : `TAKEN FOR ${result.digits.length} digits`}`,
    );
  }

function classify(image: ReturnType<typeof prepareDigit>['image']): number {
  const input = ndarray(new Float32Array(784), [28, 28]);
  view(image, input, { seed: 0, epoch: 0, index: 0 });
  const logits = tf.tidy(() =>
    tf
      .addN(nets.map((net) => tf.softmax(net.predict(tf.tensor4d(input.data, [1, 28, 28, 1])) as tf.Tensor)))
      .dataSync(),
  );
  return logits.indexOf(Math.max(...logits));
}

async function loadNets(folder: string): Promise<LayersModel[]> {
  const files = await readdir(folder, { recursive: true });
  const folders = files.filter((file) => file.endsWith('model.json') && !file.includes('.tmp'));
  return Promise.all(folders.sort().map((file) => loadModel(join(folder, file, '..'))));
}

function fileName(text: string): string {
  return `${text.replace(/[^a-z0-9]+/gi, '-')}.png`;
}

async function savePhoto(folder: string, name: string, picture: Picture): Promise<void> {
  const { width, height, data } = picture;
  await mkdir(folder, { recursive: true });
  await sharp(data, { raw: { width, height, channels: (data.length / width / height) as 4 } }).toFile(
    join(folder, fileName(name)),
  );
}

/** Each digit's picture with the steps beside it. */
async function drawSheet(
  folder: string,
  name: string,
  tiles: readonly { picture: Picture }[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tile = 120;
  const composites: OverlayOptions[] = [];
  for (const [index, { picture }] of tiles.entries()) {
    const channels = (picture.data.length / picture.width / picture.height) as 4;
    const { steps } = explainDigit(picture);
    const shown = steps.filter((step) => ['threshold', 'digits', 'prepared'].includes(step.name)).slice(0, 3);
    const images = [
      sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels } }),
      ...shown.map(({ data, width, height }) => sharp(data, { raw: { width, height, channels: 1 } })),
    ];
    for (const [column, image] of images.entries())
      composites.push({
        input: await image
          .resize(tile, tile, { fit: 'contain', background: '#446', kernel: 'nearest' })
          .flatten({ background: '#844' })
          .png()
          .toBuffer(),
        left: (index % 3) * (4 * tile + 12) + column * tile,
        top: Math.floor(index / 3) * (tile + 6),
      });
  }
  const bytes = await sharp({
    create: {
      width: 3 * (4 * tile + 12),
      height: Math.ceil(tiles.length / 3) * (tile + 6),
      channels: 3,
      background: '#222',
    },
  })
    .composite(composites)
    .png()
    .toBuffer();
  await writeFile(join(folder, fileName(name)), bytes);
}
