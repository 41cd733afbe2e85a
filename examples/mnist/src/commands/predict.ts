import { readFile } from 'node:fs/promises';
import { type Probabilities, softmax, softVote } from '@mnist/ensemble';
import { imageGrid } from '@mnist/viz';
import type { Command } from 'commander';
import ndarray from 'ndarray';
import { transformsOf } from '../experiment/transforms.js';
import { chooseEngine } from '../machine/engines.js';
import { classNamesOf } from '../nets/class-names.js';
import { findNets, openNet } from '../nets/find-nets.js';
import { prepareDigit } from '../nets/prepare-digit.js';
import { UsageError } from '../ui/errors.js';
import { openTerminal } from '../ui/terminal.js';
import { addEngineOption, addJsonOption, addThreadsOption, type EngineOptions } from './_options.js';

interface PredictOptions extends EngineOptions {
  readonly threads: number;
  readonly model: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command.requiredOption('--model <folder>', 'folder that `train`, `run` or `population` wrote');
  addJsonOption(addThreadsOption(addEngineOption(command)));
  command.action(async (files: string[], options: PredictOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const nets = await findNets(options.model);
    const { verdict } = await chooseEngine({ engine: options.engine });
    const view = transformsOf(nets.config.augmentation).evaluation;
    const pixels = new Uint8Array(files.length * 784);
    const images = ndarray(new Float32Array(files.length * 784), [files.length, 28, 28, 1]);
    for (const [position, file] of files.entries()) {
      const bytes = await readFile(file).catch((error: Error) => {
        throw new UsageError(`${file}: cannot be read (${error.message}).`);
      });
      const digit = prepareDigit(bytes, file);
      pixels.set(digit.data, position * 784);
      view(digit, images.pick(position, null, null, 0), { seed: 0, epoch: 0, index: position });
    }
    const votes: Probabilities[] = [];
    for (const folder of nets.folders) {
      const session = await openNet(folder, verdict.name, options.threads);
      try {
        votes.push(softmax(await session.predict(images)));
      } finally {
        await session.dispose();
      }
    }
    const mean = softVote(votes);
    const classNames = classNamesOf(nets.config.dataset);
    const results = files.map((file, position) => {
      const probabilities = classNames
        .map((name, index) => ({ name, probability: mean.get(position, index) }))
        .sort((a, b) => b.probability - a.probability);
      return {
        file,
        predicted: probabilities[0]!.name,
        confidence: probabilities[0]!.probability,
        probabilities,
      };
    });
    if (!options.json) {
      const captions = results.map(
        ({ predicted, confidence }) => `${predicted} (${(confidence * 100).toFixed(1)} %)`,
      );
      terminal.line(
        imageGrid({
          images: { data: pixels, shape: [files.length, 28, 28] },
          captions,
          title: 'As the net sees them',
        }).toTerminal(terminal.figureOptions),
      );
    }
    terminal.result(
      { nets: nets.folders.length, trainedOn: nets.config.dataset, results },
      results
        .map(({ file, probabilities }) => {
          const [first, second] = probabilities as [(typeof probabilities)[0], (typeof probabilities)[0]];
          return `${file}: ${first.name} (${(first.probability * 100).toFixed(1)} %), next ${second.name} (${(second.probability * 100).toFixed(1)} %)`;
        })
        .join('\n'),
    );
  });
}
