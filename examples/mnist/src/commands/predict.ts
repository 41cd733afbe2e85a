import { type DatasetName, datasetNames } from '@mnist/dataset';
import { imageGrid } from '@mnist/viz';
import { type Command, Option } from 'commander';
import { type AugmentationName, augmentationNames } from '../experiment/config.js';
import { transformsOf } from '../experiment/transforms.js';
import { chooseEngine } from '../machine/engines.js';
import { defaultNets } from '../nets/default-nets.js';
import type { TrainedNets } from '../nets/find-nets.js';
import { findPictures } from '../nets/find-pictures.js';
import { answerDigits, type DigitAnswer, type SeenPicture, seePicture } from '../nets/read-digits.js';
import { votersTitle } from '../nets/vote-on-dataset.js';
import { exitCodes } from '../ui/errors.js';
import { explainFigure } from '../ui/explain-figure.js';
import { writePng } from '../ui/figures.js';
import { openTerminal, type Terminal } from '../ui/terminal.js';
import { addShippedOptions, namedNets, type ShippedOptions } from './_named-nets.js';
import { addEngineOption, addJsonOption, addThreadsOption, type EngineOptions } from './_options.js';

interface PredictOptions extends EngineOptions, ShippedOptions {
  readonly threads: number;
  readonly model?: string;
  readonly dataset?: DatasetName;
  readonly view?: AugmentationName;
  readonly each?: boolean;
  readonly explain?: string;
  readonly json?: boolean;
}

/** Below these shares an answer comes with a warning. */
const leastAgreement = 0.75;
const leastConfidence = 0.5;
/** Pictures whose steps are drawn, at most. */
const mostExplained = 40;

const words: Readonly<Record<string, string>> = {
  'several-digits': 'several things look like a digit: this is the most prominent; --each reads them all',
  'low-contrast': 'the ink hardly differs from its paper',
  'cut-off': 'the ink runs off the picture',
  'touching-digits': 'wider than a digit: perhaps two that touch',
  'nets-disagree': 'the nets disagree',
  unsure: 'no class is probable',
};

export function define(command: Command): void {
  command.option(
    '--model <place>',
    'folder that `train`, `run` or `population` wrote, one net of it, or any saved model.json (default: the newest run in ./runs that was trained on MNIST, else --pretrained)',
  );
  addShippedOptions(command)
    .option('--each', 'read every digit of a picture, row by row, instead of the most prominent')
    .option('--explain <file>', 'draw how the pictures were prepared, step by step, as a PNG')
    .addOption(
      new Option(
        '--dataset <name>',
        'what the nets were trained on, where nothing beside them says so (default: mnist)',
      ).choices(datasetNames),
    )
    .addOption(
      new Option('--view <name>', 'how the nets want images to be shown, where nothing says so').choices(
        augmentationNames,
      ),
    );
  addJsonOption(addThreadsOption(addEngineOption(command)));
  command.action(predict);
}

async function predict(places: string[], options: PredictOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const { model } = options;
  const named = await namedNets({ at: model, as: `--model ${model}` }, options);
  const nets = withWishes(named ?? (await defaultNets(terminal.warn)), options);
  if (nets.assumption && !options.dataset) terminal.warn(nets.assumption);
  terminal.line(`answering: ${votersTitle(nets)} from ${nets.from}`);
  const files = await findPictures(places);
  const seen: SeenPicture[] = [];
  for (const [index, file] of files.entries()) {
    const explain = options.explain !== undefined && index < mostExplained;
    seen.push(await seePicture(file, { nets, each: options.each === true, explain }));
  }
  const digits = seen.flatMap((picture) => ('error' in picture ? [] : picture.digits));
  const { verdict } = await chooseEngine({ engine: options.engine });
  const view = transformsOf(nets.config.augmentation).evaluation;
  const answers = await answerDigits(digits, nets, { engine: verdict.name, threads: options.threads, view });
  const results = joinAnswers(seen, answers);
  if (options.explain !== undefined) await explain(terminal, options.explain, seen);
  if (!options.json && digits.length > 0) showDigits(terminal, digits, answers);
  terminal.result(
    {
      nets: nets.members.length,
      from: nets.from,
      trainedOn: nets.config.dataset,
      engine: verdict.name,
      results: results.map((result) =>
        'error' in result ? { file: result.file, error: result.error } : result,
      ),
    },
    results.map(describe).join('\n'),
  );
  const failures = results.flatMap((result) => ('error' in result ? [result.error] : []));
  for (const { message } of failures) console.error(`error: ${message}`);
  if (failures[0]) process.exitCode = exitCodes[failures[0].kind];
}

function withWishes(nets: TrainedNets, { dataset, view }: PredictOptions): TrainedNets {
  return {
    ...nets,
    config: {
      dataset: dataset ? { kind: 'published', name: dataset } : nets.config.dataset,
      augmentation: view ?? nets.config.augmentation,
    },
  };
}

/** The answers stand in the order of the digits of all pictures. */
function joinAnswers(seen: readonly SeenPicture[], answers: readonly DigitAnswer[]) {
  let next = 0;
  return seen.map((picture) => {
    if ('error' in picture) return picture;
    const { file, candidates, inkShare, polarity, lines } = picture;
    const digits = picture.digits.map(({ box, contrast, strokeWidth, alreadyPrepared, warnings }) => {
      const answer = answers[next++]!;
      const doubts = [
        ...(answer.agreement < leastAgreement ? ['nets-disagree'] : []),
        ...(answer.confidence < leastConfidence ? ['unsure'] : []),
      ];
      return { ...answer, box, contrast, strokeWidth, alreadyPrepared, warnings: [...warnings, ...doubts] };
    });
    const several = candidates > digits.length ? ['several-digits'] : [];
    return {
      file,
      /** All digits that were read, one after the other. */
      predicted: digits.map(({ predicted }) => predicted).join(''),
      /** Of the least certain digit. */
      confidence: Math.min(...digits.map(({ confidence }) => confidence)),
      warnings: [...new Set([...several, ...digits.flatMap(({ warnings }) => warnings)])],
      candidates,
      inkShare,
      polarity,
      lines,
      digits,
    };
  });
}

function describe(result: ReturnType<typeof joinAnswers>[number]): string {
  if ('error' in result) return `${result.file}: not read (${result.error.code})`;
  const { file, predicted, digits, warnings } = result;
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const first = digits[0]!;
  const [best, second] = first.probabilities;
  const answer =
    digits.length === 1
      ? `${predicted} (${percent(best!.probability)}), next ${second!.name} (${percent(second!.probability)})`
      : digits.map((digit) => `${digit.predicted} (${percent(digit.confidence)})`).join('  ');
  const remarks = warnings.map((warning) => {
    if (warning !== 'nets-disagree' || digits.length > 1) return `\n  ${words[warning]}`;
    return `\n  ${words[warning]}: ${first.votes.map((vote) => vote.predicted).join(' ')}`;
  });
  return `${file}: ${answer}${remarks.join('')}`;
}

function showDigits(
  terminal: Terminal,
  digits: readonly { readonly image: { readonly data: Uint8Array; readonly shape: number[] } }[],
  answers: readonly DigitAnswer[],
): void {
  const shown = digits.slice(0, 24);
  const [height, width] = shown[0]!.image.shape as [number, number];
  const data = new Uint8Array(shown.length * height * width);
  for (const [index, { image }] of shown.entries()) data.set(image.data, index * height * width);
  const captions = answers
    .slice(0, shown.length)
    .map(({ predicted, confidence }) => `${predicted} (${(confidence * 100).toFixed(1)} %)`);
  const figure = imageGrid({
    images: { data, shape: [shown.length, height, width] },
    captions,
    title:
      shown.length === digits.length
        ? 'As the nets see them'
        : `The first ${shown.length} of ${digits.length}, as the nets see them`,
  });
  terminal.line(figure.toTerminal(terminal.figureOptions));
}

async function explain(terminal: Terminal, path: string, seen: readonly SeenPicture[]): Promise<void> {
  const explained = seen.flatMap((picture) =>
    picture.steps === undefined ? [] : [{ file: picture.file, steps: picture.steps }],
  );
  if (explained.length === 0) {
    terminal.line(`${path} was not written: no picture could be prepared.`);
    return;
  }
  await writePng(path, explainFigure(explained));
  const part = explained.length < seen.length ? ` of ${explained.length} of ${seen.length} pictures` : '';
  terminal.line(`steps${part} drawn: ${path}`);
}
