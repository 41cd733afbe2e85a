import { resolve } from 'node:path';
import { type DatasetName, datasetNames } from '@mnist/dataset';
import { type Command, Option } from 'commander';
import { setDataDir } from '../experiment/datasets.js';
import { examineMachine } from '../machine/doctor.js';
import { exitCodes } from '../ui/errors.js';
import { openTerminal } from '../ui/terminal.js';
import { addJsonOption } from './_options.js';

interface DoctorOptions {
  readonly dataset: DatasetName;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .addOption(new Option('--dataset <name>', 'data set to look for').choices(datasetNames).default('mnist'))
    .option('--data-dir <folder>', 'folder with the IDX files');
  addJsonOption(command).action(async (options: DoctorOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    if (options.dataDir !== undefined) setDataDir(resolve(options.dataDir));
    const findings = await examineMachine(options.dataset, options.dataDir);
    const sign = { ok: 'ok     ', info: 'note   ', problem: 'PROBLEM' } as const;
    terminal.result(
      { findings },
      findings
        .map(({ name, state, text, remedy }) => {
          const mend = remedy ? `\n${' '.repeat(28)} mend it: ${remedy}` : '';
          return `${sign[state]}  ${name.padEnd(18)} ${text}${mend}`;
        })
        .join('\n'),
    );
    if (findings.some(({ state }) => state === 'problem')) process.exitCode = exitCodes.environment;
  });
}
