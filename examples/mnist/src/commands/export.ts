import { resolve } from 'node:path';
import type { Command } from 'commander';
import { accuracyWithInterval } from '../experiment/committee-results.js';
import { findTestDatasets } from '../experiment/datasets.js';
import { exportCommittee } from '../experiment/export-committee.js';
import { netsToExport } from '../experiment/nets-to-export.js';
import { chooseEngine } from '../machine/engines.js';
import { committeeFile } from '../nets/committee-file.js';
import { refuseForeignFolder } from '../nets/refuse-foreign-folder.js';
import { openTerminal } from '../ui/terminal.js';
import { addEngineOption, addJsonOption, addThreadsOption, type EngineOptions } from './_options.js';

interface ExportCommandOptions extends EngineOptions {
  readonly dataDir?: string;
  readonly threads: number;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command.argument('<out>', 'the folder to write').option('--data-dir <folder>', 'folder with the IDX files');
  addJsonOption(addThreadsOption(addEngineOption(command)));
  command.action(async (folder: string, out: string, options: ExportCommandOptions) => {
    await refuseForeignFolder(resolve(out), [committeeFile]);
    const terminal = openTerminal({ json: options.json === true });
    const trained = await netsToExport(resolve(folder));
    const { verdict } = await chooseEngine(options);
    const data = await findTestDatasets(terminal, trained.dataset, {
      dataDir: options.dataDir,
      download: true,
    });
    const file = await exportCommittee({
      trained,
      data,
      out: resolve(out),
      engine: verdict.name,
      threads: options.threads,
    });
    const { errors, count, interval } = file.test;
    terminal.result(
      { synthetic: data.choice.kind === 'synthetic', ...file },
      `${file.nets.length === 1 ? 'one net' : `${file.nets.length} nets`} in half precision in ${resolve(out)}: ${file.nets.length === 1 ? '' : 'together '}${accuracyWithInterval({ accuracy: 1 - errors / count, count, interval })} on ${data.title}`,
    );
  });
}
