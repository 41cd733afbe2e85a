import { misclassified } from '@mnist/ensemble';
import type { Command } from 'commander';
import { findTestDatasets } from '../experiment/datasets.js';
import { chooseEngine } from '../machine/engines.js';
import { findNets } from '../nets/find-nets.js';
import { voteOnDataset, votersTitle } from '../nets/vote-on-dataset.js';
import { mistakesFigure, writePng } from '../ui/figures.js';
import { openTerminal } from '../ui/terminal.js';
import {
  addDataOptions,
  addEngineOption,
  addJsonOption,
  addThreadsOption,
  type EngineOptions,
  positiveInteger,
  type TestDataOptions,
} from './_options.js';

interface MistakesOptions extends TestDataOptions, EngineOptions {
  readonly threads: number;
  readonly show: number;
  readonly png?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .option('--show <n>', 'pictures to show', positiveInteger, 24)
    .option('--png <file>', 'write them as a picture');
  addJsonOption(addThreadsOption(addEngineOption(addDataOptions(command, 'test'))));
  command.action(async (folder: string, options: MistakesOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const nets = await findNets(folder);
    if (nets.assumption) terminal.warn(nets.assumption);
    const { verdict } = await chooseEngine(options);
    const data = await findTestDatasets(terminal, nets.config.dataset, options);
    const { members, probabilities } = await voteOnDataset(nets, data.test, verdict.name, options.threads);
    const mistakes = misclassified(probabilities, members[0]!.labels, {
      members: members.map((member) => member.probabilities),
      order: 'margin',
    });
    const shown = mistakes.slice(0, options.show);
    if (shown.length > 0) {
      const figure = mistakesFigure(data, shown, votersTitle(nets));
      if (options.png) await writePng(options.png, figure);
      if (!options.json) terminal.line(figure.toTerminal(terminal.figureOptions));
    }
    terminal.result(
      { synthetic: data.choice.kind === 'synthetic', dataset: data.title, mistakes },
      `${mistakes.length} mistakes in ${data.test.labels.shape[0]!.toLocaleString('en-US')} test images${options.png && shown.length > 0 ? `; picture: ${options.png}` : ''}`,
    );
  });
}
