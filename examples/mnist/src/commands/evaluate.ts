import { accuracy, accuracyInterval, calibration } from '@mnist/ensemble';
import { type Command, Option } from 'commander';
import { accuracyWithInterval } from '../experiment/committee-results.js';
import { compareWithRecord, describeComparison } from '../experiment/compare-with-record.js';
import { type AugmentationName, augmentationNames } from '../experiment/config.js';
import { datasetChecksum } from '../experiment/dataset-checksum.js';
import { findTestDatasets } from '../experiment/datasets.js';
import { chooseEngine } from '../machine/engines.js';
import { voteOnDataset, votersTitle } from '../nets/vote-on-dataset.js';
import { exitCodes, UsageError } from '../ui/errors.js';
import { openTerminal } from '../ui/terminal.js';
import { addShippedOptions, namedNets, type ShippedOptions } from './_named-nets.js';
import {
  addDataOptions,
  addEngineOption,
  addJsonOption,
  addThreadsOption,
  type EngineOptions,
  type TestDataOptions,
} from './_options.js';

interface EvaluateOptions extends TestDataOptions, EngineOptions, ShippedOptions {
  readonly threads: number;
  readonly view?: AugmentationName;
  readonly json?: boolean;
}

export function define(command: Command): void {
  addShippedOptions(command);
  command.addOption(
    new Option(
      '--view <name>',
      'test with the view of another augmentation than the one trained with',
    ).choices(augmentationNames),
  );
  addJsonOption(addThreadsOption(addEngineOption(addDataOptions(command, 'test'))));
  command.action(async (folder: string | undefined, options: EvaluateOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const found = await namedNets({ at: folder, as: `${folder}` }, options);
    if (!found) {
      throw new UsageError(
        'no nets are named. Expected the folder of a net or a committee, --pretrained or --distilled.',
      );
    }
    if (found.assumption) terminal.warn(found.assumption);
    const nets = {
      ...found,
      config: { ...found.config, augmentation: options.view ?? found.config.augmentation },
    };
    const { verdict } = await chooseEngine(options);
    const data = await findTestDatasets(terminal, nets.config.dataset, options);
    const vote = await voteOnDataset(nets, data.test, verdict.name, options.threads);
    const { members, probabilities } = vote;
    const { recorded } = nets;
    const comparison =
      recorded?.recipe.augmentation === nets.config.augmentation &&
      recorded.data.test === datasetChecksum(data.test)
        ? compareWithRecord(recorded, vote)
        : undefined;
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
        computedBy: vote.computedBy,
        comparison,
      },
      [
        ...lines,
        `${votersTitle(nets)}: ${accuracyWithInterval({ ...result, interval })}, ${result.errors} errors on the test images of ${data.title}`,
        `  negative log-likelihood ${nll.toFixed(4)}, expected calibration error ${(ece * 100).toFixed(2)} %`,
        ...(comparison ? [describeComparison(comparison)] : []),
      ].join('\n'),
    );
    if (comparison?.repeatable && comparison.moved.length + comparison.movedNets.length > 0) {
      console.error(
        `error: ${vote.computedBy} gave other answers when this committee was exported, on the same images with the same weights. Please report it.`,
      );
      process.exitCode = exitCodes.internal;
    }
  });
}
