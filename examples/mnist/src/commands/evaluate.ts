import { accuracy, accuracyInterval, calibration } from '@mnist/ensemble';
import { type Command, Option } from 'commander';
import { accuracyWithInterval } from '../committee-results.js';
import {
  addComputeOptions,
  addTestDataOptions,
  type ComputeOptions,
  type TestDataOptions,
} from '../common-options.js';
import { findTestDatasets } from '../datasets.js';
import { chooseEngine } from '../engines.js';
import type { AugmentationName } from '../member-config.js';
import { findNets } from '../nets.js';
import { openTerminal } from '../terminal.js';
import { voteOnDataset, votersTitle } from '../vote.js';

interface EvaluateOptions extends TestDataOptions, ComputeOptions {
  readonly view?: AugmentationName;
  readonly json?: boolean;
}

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate <folder>')
    .description('test a net of `train`, or the committee of `run` or `population`, on the test images')
    .addOption(
      new Option(
        '--view <name>',
        'test with the view of another augmentation than the one trained with',
      ).choices(['none', 'exact', 'fused']),
    );
  addComputeOptions(addTestDataOptions(command)).option('--json', 'print one JSON object on stdout');
  command.action(async (folder: string, options: EvaluateOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const found = await findNets(folder);
    const nets = {
      ...found,
      config: { ...found.config, augmentation: options.view ?? found.config.augmentation },
    };
    const { choice } = await chooseEngine(options);
    const data = await findTestDatasets(terminal, nets.config.dataset, options);
    const { members, probabilities } = await voteOnDataset(nets, data.test, choice, options.threads);
    const labels = members[0]!.labels;
    const result = accuracy(probabilities, labels);
    const interval = accuracyInterval(result.correct, result.count);
    const { expectedCalibrationError: ece, negativeLogLikelihood: nll } = calibration(probabilities, labels);
    const singles = members.map(({ name, accuracy: share, errors }) => ({ name, accuracy: share, errors }));
    const lines =
      singles.length > 1
        ? singles.map(
            ({ name, accuracy: share, errors }) =>
              `  ${name}: ${(share * 100).toFixed(2)} % (${errors} errors)`,
          )
        : [];
    terminal.result(
      {
        synthetic: data.choice.kind === 'synthetic',
        dataset: data.title,
        ...result,
        interval,
        negativeLogLikelihood: nll,
        expectedCalibrationError: ece,
        members: singles,
      },
      [
        ...lines,
        `${votersTitle(nets)}: ${accuracyWithInterval({ ...result, interval })}, ${result.errors} errors on the test images of ${data.title}`,
        `  negative log-likelihood ${nll.toFixed(4)}, expected calibration error ${(ece * 100).toFixed(2)} %`,
      ].join('\n'),
    );
  });
}
