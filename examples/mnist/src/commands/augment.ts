import {
  centreCrop,
  elastic,
  erase,
  evaluationPipeline,
  fusedPipeline,
  randomCrop,
  rotate,
  type SeededTransform,
  shear,
  shift,
  thickness,
  trainingPipeline,
  zoom,
} from '@mnist/augment';
import { imageGrid } from '@mnist/viz';
import { type Command, Option } from 'commander';
import ndarray from 'ndarray';
import { findDatasets } from '../experiment/datasets.js';
import { UsageError } from '../ui/errors.js';
import { dataNote, writePng } from '../ui/figures.js';
import { openTerminal } from '../ui/terminal.js';
import {
  addDataOptions,
  addJsonOption,
  type DataOptions,
  positiveInteger,
  seedNumber,
  wholeNumber,
} from './_options.js';

const transforms: Readonly<Record<string, () => SeededTransform>> = {
  training: trainingPipeline,
  evaluation: evaluationPipeline,
  fused: fusedPipeline,
  crop: randomCrop,
  centre: centreCrop,
  elastic,
  rotate,
  shift,
  zoom,
  shear,
  erase,
  thickness,
};

interface AugmentOptions extends DataOptions {
  readonly transform: string;
  readonly n: number;
  readonly index?: number;
  readonly seed: number;
  readonly png?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .addOption(
      new Option('--transform <name>', 'what is done to them')
        .choices(Object.keys(transforms))
        .default('fused'),
    )
    .option('--n <n>', 'pictures', positiveInteger, 32)
    .option(
      '--index <n>',
      'show this one training image under n draws, instead of the first n images',
      wholeNumber,
    )
    .option('--seed <n>', 'decides the draws', seedNumber, 1)
    .option('--png <file>', 'write the sheet as a picture');
  addJsonOption(addDataOptions(command, 'train'));
  command.action(async (options: AugmentOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const data = await findDatasets(terminal, options);
    const count = data.train.labels.shape[0]!;
    const last = options.index ?? options.n - 1;
    if (last >= count)
      throw new UsageError(
        `image ${last} was asked for; ${data.title} has training images 0 to ${count - 1}.`,
      );
    const transform = transforms[options.transform]!();
    const pixels = new Float32Array(options.n * 784);
    const draws = Array.from({ length: options.n }, (_, position) => {
      const key = {
        seed: options.seed,
        epoch: options.index === undefined ? 0 : position,
        index: options.index ?? position,
      };
      const out = ndarray(pixels, [28, 28], [28, 1], position * 784);
      transform(data.train.images.pick(key.index, null, null), out, key);
      return { ...key, parameters: transform.parameters(key) };
    });
    const figure = imageGrid({
      images: { data: pixels, shape: [options.n, 28, 28] },
      normalise: 'image',
      title: `${options.transform}, seed ${options.seed}`,
      subtitle:
        options.index === undefined
          ? `The first ${options.n} training images of ${data.title}, one draw each.`
          : `Training image ${options.index} of ${data.title}, ${options.n} draws.`,
      note: dataNote(data),
    });
    if (options.png) await writePng(options.png, figure);
    if (!options.json) terminal.line(figure.toTerminal(terminal.figureOptions));
    terminal.result(
      { synthetic: data.choice.kind === 'synthetic', transform: options.transform, draws },
      options.png ? `picture: ${options.png}` : '',
    );
  });
}
