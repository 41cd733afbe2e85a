#!/usr/bin/env node
import { createRequire } from 'node:module';
import { DatasetError } from '@mnist/dataset';
import { Command, CommanderError } from 'commander';
import { addAugmentCommand } from './commands/augment.js';
import { addCommitteeCommands } from './commands/committee.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addLrFindCommand } from './commands/lr-find.js';
import { addMistakesCommand } from './commands/mistakes.js';
import { addPopulationCommand } from './commands/population.js';
import { addPredictCommand } from './commands/predict.js';
import { addRunCommand } from './commands/run.js';
import { addTrainCommand } from './commands/train.js';
import { addVerifyCommand } from './commands/verify.js';
import { addWorkerCommand } from './commands/worker.js';
import { exitCodes, InterruptedError } from './exit-codes.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Codes of errors that another input would have avoided: options, names, files. */
const inputCodes =
  /^(USAGE|ENOENT|ENOTDIR|EISDIR|EACCES|UNKNOWN_MODEL|NOT_A_POPULATION|UNSUPPORTED_FORMAT|.*_(OPTION|MISMATCH|UNAVAILABLE|MISSING|CORRUPT|UNREADABLE)|INVALID_.*)$/;

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
  example-mnist predict --model runs/quick digit.png   what the committee sees in a picture

Exit codes: 0 success, 1 failure, 2 wrong input, 3 no data, 130 interrupted (everything finished is saved).
Data: MNIST_DATA_DIR or --data-dir names a folder with the IDX files; otherwise they are downloaded once.`,
  );

addRunCommand(program);
addTrainCommand(program);
addLrFindCommand(program);
addEvaluateCommand(program);
addMistakesCommand(program);
addPredictCommand(program);
addAugmentCommand(program);
addPopulationCommand(program);
addCommitteeCommands(program);
addWorkerCommand(program);
addVerifyCommand(program);
addDoctorCommand(program);

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.success);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, on the error stream, and with which code the program ends. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.badInput;
  if ((error as Error | null)?.name === 'AbortError') {
    console.error((error as Error).message);
    return exitCodes.interrupted;
  }
  if (error instanceof InterruptedError) {
    console.error(error.message);
    return exitCodes.interrupted;
  }
  if (error instanceof DatasetError) {
    console.error(`error: ${error.message}`);
    if (error.code === 'DATASET_UNAVAILABLE')
      console.error('Or add --synthetic to try everything on drawn digits.');
    return error.code === 'DATASET_UNAVAILABLE' ? exitCodes.noData : exitCodes.badInput;
  }
  const code = (error as { code?: unknown } | null)?.code;
  const typed = typeof code === 'string' && !code.startsWith('ERR_');
  // A typed error explains itself; of any other the stack is what a maintainer needs.
  console.error(`error: ${typed ? (error as Error).message : ((error as Error)?.stack ?? String(error))}`);
  return typed && inputCodes.test(code) ? exitCodes.badInput : exitCodes.failure;
}
