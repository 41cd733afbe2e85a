import { misclassified } from '@mnist/ensemble';
import type { Command } from 'commander';
import {
  addComputeOptions,
  addTestDataOptions,
  type ComputeOptions,
  positiveInteger,
  type TestDataOptions,
} from '../common-options.js';
import { findTestDatasets } from '../datasets.js';
import { chooseEngine } from '../engines.js';
import { mistakesFigure, writePng } from '../figures.js';
import { findNets } from '../nets.js';
import { openTerminal } from '../terminal.js';
import { voteOnDataset, votersTitle } from '../vote.js';

interface MistakesOptions extends TestDataOptions, ComputeOptions {
  readonly show: number;
  readonly png?: string;
  readonly json?: boolean;
}

export function addMistakesCommand(program: Command): void {
  const command = program
    .command('mistakes <folder>')
    .description('show the test images that a net or a committee gets wrong, the most confident first')
    .option('--show <n>', 'pictures to show', positiveInteger, 24)
    .option('--png <file>', 'write them as a picture');
  addComputeOptions(addTestDataOptions(command)).option('--json', 'print one JSON object on stdout');
  command.action(async (folder: string, options: MistakesOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const nets = await findNets(folder);
    const { choice } = await chooseEngine(options);
    const data = await findTestDatasets(terminal, nets.config.dataset, options);
    const { members, probabilities } = await voteOnDataset(nets, data.test, choice, options.threads);
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
