#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { describeError, exitCodes } from './ui/errors.js';

/** What a file of `commands/` exports: the options of its command, and what it does. */
interface CommandModule {
  define(command: Command): void;
}

interface Entry {
  readonly usage: string;
  readonly about: string;
  /** Only what was called is loaded: `--version` and `--help` must not wait for engines. */
  readonly load: () => Promise<CommandModule>;
  /** Goes on when nobody reads its output any more: there is more to it than printing. */
  readonly outlivesItsReader?: boolean;
}

const entries: readonly Entry[] = [
  {
    usage: 'run',
    about:
      'the whole experiment: data, augmentation, learning-rate sweep, a committee, its vote, its mistakes, a report',
    load: () => import('./commands/run.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'train',
    about: 'train one net and test it',
    load: () => import('./commands/train.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'lr-find',
    about: 'sweep the learning rate over seven decades and suggest one',
    load: () => import('./commands/lr-find.js'),
  },
  {
    usage: 'evaluate [folder]',
    about:
      'test a net of `train`, the committee of `run` or `population`, or what is shipped (--pretrained, --distilled), on the test images',
    load: () => import('./commands/evaluate.js'),
  },
  {
    usage: 'mistakes <folder>',
    about: 'show the test images that a net or a committee gets wrong, the most confident first',
    load: () => import('./commands/mistakes.js'),
  },
  {
    usage: 'report <folder>',
    about: 'the report of a `run`, or of any population: one page to play with, also in the browser (--open)',
    load: () => import('./commands/report.js'),
  },
  {
    usage: 'predict <images...>',
    about:
      'read digits in photos, scans and drawings (PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP; files or folders)',
    load: () => import('./commands/predict.js'),
  },
  {
    usage: 'augment',
    about: 'a contact sheet of augmented digits',
    load: () => import('./commands/augment.js'),
  },
  {
    usage: 'population <folder>',
    about: 'train many nets into a folder; run it again to go on or to grow it',
    load: () => import('./commands/population.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'committee <folder>',
    about: 'draw random committees from a population and count their votes on the test images',
    load: () => import('./commands/committee.js'),
  },
  {
    usage: 'export <folder>',
    about: 'write the nets of a population in half precision, with where they come from, to be shipped',
    load: () => import('./commands/export.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'compare-recipes <folder>',
    about:
      'train nets by several recipes and compare them on held-out training images; run it again to go on',
    load: () => import('./commands/compare-recipes.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'figures <folder>',
    about:
      'what a population achieves: single nets, disjoint and random committees, all of them, and every mistake',
    load: () => import('./commands/figures.js'),
  },
  {
    usage: 'curve <folder>',
    about: 'accuracy as a function of committee size',
    load: () => import('./commands/curve.js'),
  },
  {
    usage: 'worker',
    about:
      'train nets that `population --queue` hands out, on this or any other machine, until Ctrl-C (its normal end)',
    load: () => import('./commands/worker.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'cancel <folder>',
    about: 'take a population off the queue: its workers stop, its nets in the folder stay',
    load: () => import('./commands/cancel.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'purge',
    about: 'empty a queue: every population on it, also those whose folder is gone',
    load: () => import('./commands/purge.js'),
    outlivesItsReader: true,
  },
  {
    usage: 'verify <folder>',
    about: 'check every file of a population against its checksums',
    load: () => import('./commands/verify.js'),
  },
  {
    usage: 'doctor',
    about:
      'what this machine has: Node, engines, data, a folder to write to; what is missing and how to get it',
    load: () => import('./commands/doctor.js'),
  },
];

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const program = new Command('example-mnist')
  .description(
    "Trains committees of small convolutional nets on MNIST: the 'MNIST 99.82 %' experiment (Todd Doucet, 2019) and what lies around it.",
  )
  .version(version, '--version')
  .showHelpAfterError('(--help shows all options)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  example-mnist run                                    the whole story, sized for this machine
  example-mnist run --preset paper                     the full experiment; interrupt and repeat at will
  example-mnist train --net compact --epochs 3         one net
  example-mnist population nets --count 35             a population, then
  example-mnist committee nets --committee 5           random committees from it
  example-mnist predict --model runs/quick photo.jpg   what the committee sees in a picture
  example-mnist evaluate --pretrained                  the shipped committee on the test images

Exit codes: 0 success, 1 a fault of this program, 2 wrong input, 3 something the machine lacks (data, driver, disk, queue),
4 damaged data or a training that diverged, 130 interrupted (everything finished is saved).
Data: MNIST_DATA_DIR or --data-dir names a folder with the IDX files; otherwise they are downloaded once.`,
  );

const called = new Set(process.argv.slice(2));
let outlivesItsReader = false;
for (const { usage, about, load, ...entry } of entries) {
  const command = program.command(usage).description(about);
  if (!called.has(command.name())) continue;
  (await load()).define(command);
  outlivesItsReader ||= entry.outlivesItsReader === true;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  // A reader that has seen enough (`| head`) is no failure; but a training goes on to its end and saves its net.
  if (!outlivesItsReader) process.exit(exitCodes.success);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.input;
  } else {
    const { text, exitCode } = describeError(error);
    console.error(text);
    process.exitCode = exitCode;
  }
}
