import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '@mnist/kit';
import { writeFileDurably } from '@mnist/kit/files';
import type { PopulationMember } from '@mnist/population';
import { type LrFindResult, smoothSeries } from '@mnist/train';
import {
  accuracyDotPlot,
  committeeCurvePlot,
  type Figure,
  htmlReport,
  learningRatePlot,
  lossPlot,
} from '@mnist/viz';
import { accuracyWithInterval, type CommitteeResults } from '../experiment/committee-results.js';
import type { MemberConfig } from '../experiment/config.js';
import type { Datasets } from '../experiment/datasets.js';
import type { MachineFacts } from '../machine/facts.js';
import { netTitle } from '../nets/build-net.js';
import { committeeBlock } from './committee-block.js';
import { augmentationFigure, confusionFigure, dataNote, lrFindFigure, mistakesFigure } from './figures.js';

/** Steps; evens out the noise of single batches in the loss plot. */
const smoothingHalfLife = 20;

/** Losses and learning rates of one net, as the recipe stores them. */
export interface MemberHistory {
  readonly index: number;
  readonly step: readonly number[];
  readonly loss: readonly number[];
  readonly learningRate: readonly number[];
}

/** The histories that the recipe stored with its nets. */
export async function readHistories(
  members: readonly Pick<PopulationMember, 'index' | 'readHistory'>[],
): Promise<MemberHistory[]> {
  return Promise.all(
    members.map(async (member) => ({
      index: member.index,
      ...((await member.readHistory()) as unknown as Omit<MemberHistory, 'index'>),
    })),
  );
}

export interface RunReport {
  readonly data: Datasets;
  readonly config: MemberConfig;
  readonly presetDescription?: string;
  readonly seed: number;
  readonly results: CommitteeResults;
  readonly sweep?: LrFindResult;
  readonly histories: readonly MemberHistory[];
  /** Left out where the nets were trained elsewhere. */
  readonly machine?: MachineFacts;
  readonly engineName: string;
  /** Milliseconds of the whole run, where one run made it all. */
  readonly duration?: number;
  /** Repeats the run, where one did it all. */
  readonly command?: string;
}

/** Everything the report folder holds: one page, its pictures as files, and the figures as JSON. */
export async function writeRunReport(folder: string, report: RunReport): Promise<readonly string[]> {
  const { data, config, results, sweep, histories, seed } = report;
  const voters = `the committee of ${results.members.length}`;
  const note = dataNote(data);
  const stepsPerEpoch = Math.floor(data.train.labels.shape[0]! / config.batchSize);
  const first = histories[0];
  const pictures: Record<string, Figure | undefined> = {
    augmentation: augmentationFigure(data, config.augmentation, seed),
    'learning-rate-sweep':
      sweep && sweep.points.length > 2 ? lrFindFigure(data, sweep, netTitle(config.net)) : undefined,
    loss:
      histories.length > 0
        ? lossPlot({
            series: lossSeries(histories),
            stepsPerEpoch,
            subtitle: `${netTitle(config.net)} on ${data.title}; moving average, half-life ${smoothingHalfLife} steps`,
            note,
          })
        : undefined,
    'learning-rate':
      first &&
      learningRatePlot({
        learningRate: first.learningRate,
        step: first.step,
        stepsPerEpoch,
        subtitle: 'The same schedule for every net',
        note,
      }),
    accuracies: accuracyDotPlot({
      groups: [
        { name: 'single nets', accuracies: results.members.map(({ accuracy }) => accuracy) },
        { name: `all ${results.members.length} voting`, accuracies: [results.accuracy] },
      ],
      count: results.count,
      subtitle: `${data.title}, ${results.count.toLocaleString('en-US')} test images`,
      note,
    }),
    'committee-size':
      results.members.length > 1
        ? committeeCurvePlot({
            points: results.curve.points,
            count: results.count,
            confidence: 0.95,
            subtitle: data.title,
            note,
          })
        : undefined,
    confusion: confusionFigure(data, results.confusion, voters),
    mistakes: results.mistakes.length > 0 ? mistakesFigure(data, results.mistakes, voters) : undefined,
  };

  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  const write = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFileDurably(path, content);
    files.push(path);
  };
  const drawn = Object.entries(pictures).filter((entry): entry is [string, Figure] => entry[1] !== undefined);
  for (const [name, figure] of drawn) await write(`${name}.png`, await figure.toPng({ scale: 2 }));
  await write('results.json', `${JSON.stringify(resultsJson(report), null, 2)}\n`);
  await write('index.html', await page(report, Object.fromEntries(drawn)));
  return files;
}

/** The figures of a run for machines. */
export function resultsJson(report: RunReport) {
  const { data, config, results, sweep, seed, machine, engineName, duration, command } = report;
  return {
    synthetic: data.choice.kind === 'synthetic',
    dataset: data.title,
    testImages: results.count,
    committee: {
      nets: results.members.length,
      accuracy: results.accuracy,
      errors: results.errors,
      interval: results.interval,
    },
    members: results.members,
    meanMemberAccuracy: results.meanAccuracy,
    curve: results.curve.points,
    mistakes: results.mistakes,
    learningRateSuggestions: sweep?.suggestions,
    config,
    seed,
    engine: engineName,
    machine,
    seconds: duration === undefined ? undefined : duration / 1000,
    command,
  };
}

/** Six lines are as many as an eye can follow, and single batches are too noisy to compare. */
function lossSeries(histories: readonly MemberHistory[]) {
  return histories.slice(0, 6).map(({ index, step, loss }) => ({
    name: `net ${index + 1}`,
    step,
    loss: smoothSeries(loss, { halfLife: smoothingHalfLife }),
  }));
}

async function page(report: RunReport, pictures: Readonly<Record<string, Figure>>): Promise<string> {
  const { data, config, results, machine, engineName, duration, command, seed, presetDescription } = report;
  const figure = (name: string, caption?: string) =>
    pictures[name] ? [{ kind: 'figure' as const, figure: pictures[name], caption }] : [];
  const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
  return htmlReport({
    title: `A committee of ${results.members.length} nets on ${data.title}`,
    subtitle: presetDescription,
    notice:
      data.choice.kind === 'synthetic'
        ? 'SYNTHETIC DIGITS: the published images could not be had. Every number and picture here is about digits drawn by a program and says nothing about MNIST.'
        : undefined,
    sections: [
      {
        heading: 'Result',
        blocks: [
          {
            kind: 'keyFigures',
            items: [
              {
                label: 'Committee',
                value: percent(results.accuracy),
                detail: `${results.errors} errors in ${results.count.toLocaleString('en-US')}`,
              },
              {
                label: 'Mean single net',
                value: percent(results.meanAccuracy),
                detail: `${results.members.length} nets`,
              },
              duration === undefined
                ? { label: 'Engine', value: engineName }
                : { label: 'Time', value: formatDuration(duration), detail: engineName },
            ],
          },
          {
            kind: 'text',
            text: `The committee is right on ${accuracyWithInterval(results)}. Its vote is the mean of the members' softmax outputs.`,
          },
          ...figure('accuracies'),
          ...figure(
            'committee-size',
            'Random committees of each size, drawn without replacement from the nets of this run.',
          ),
        ],
      },
      { heading: 'What the nets saw', blocks: figure('augmentation') },
      {
        heading: 'Training',
        blocks: [...figure('learning-rate-sweep'), ...figure('loss'), ...figure('learning-rate')],
      },
      {
        heading: 'The nets and their mistakes',
        blocks: [committeeBlock(data, config, results, seed), ...figure('confusion')],
      },
      {
        heading: 'How this was made',
        blocks: [
          ...(command === undefined ? [] : [{ kind: 'code' as const, text: command }]),
          {
            kind: 'text',
            text: [
              `net: ${netTitle(config.net)}, ${config.epochs} + ${config.annihilationEpochs} epochs, batch ${config.batchSize}, ${config.augmentation} augmentation`,
              `seed ${seed}; engine ${engineName}`,
              `data: ${data.train.source}`,
              ...(machine ? [`machine: ${machine.description}`] : []),
            ].join('\n\n'),
          },
        ],
      },
    ],
    footer: `example-mnist, Node ${process.versions.node}`,
  });
}
