import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import open from 'open';
import { evaluateCommittee } from '../experiment/committee-results.js';
import { findTestDatasets } from '../experiment/datasets.js';
import { configOf, openStoredPopulation, populationFolder } from '../nets/find-nets.js';
import { readHistories, writeRunReport } from '../ui/run-report.js';
import { openTerminal } from '../ui/terminal.js';
import { addDataOptions, addJsonOption, type TestDataOptions } from './_options.js';

interface ReportOptions extends TestDataOptions {
  readonly again?: boolean;
  readonly open?: boolean;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .option('--again', 'draw it anew from the stored nets, also where there is one')
    .option('--open', 'show it in the browser');
  addJsonOption(addDataOptions(command, 'test'));
  command.action(async (folder: string, options: ReportOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const population = await populationFolder(folder);
    // `run` keeps its population inside its own folder and the report beside it.
    const root = population === resolve(folder) ? population : dirname(population);
    const place = reportFolder(root);
    const page = join(place, 'index.html');
    const isNew = options.again === true || !existsSync(page);
    if (isNew) await draw(folder, place, options);
    const opened = options.open === true && (await show(page));
    if (options.open && !opened) terminal.line('No browser could be started here: open the file yourself.');
    terminal.result({ report: page, drawn: isNew, opened }, page);
  });

  async function draw(folder: string, place: string, options: ReportOptions): Promise<void> {
    const terminal = openTerminal({ json: options.json === true });
    const population = await openStoredPopulation(folder);
    const config = configOf(population);
    const data = await findTestDatasets(terminal, config.dataset, options);
    const files = await writeRunReport(place, {
      data,
      config,
      seed: population.manifest.seed,
      results: await evaluateCommittee(population, data.test),
      histories: await readHistories(population.members),
      engineName: config.engine,
    });
    terminal.line(`${files.length} files in ${place}`);
  }
}

/** A population is checked file by file, so what is not a net of it lies beside it. */
function reportFolder(root: string): string {
  return existsSync(join(root, 'manifest.json')) ? `${root}-report` : join(root, 'report');
}

/** Whether the system's opener took it. */
async function show(page: string): Promise<boolean> {
  try {
    const opener = await open(page);
    return await new Promise((settle) => {
      // An opener that goes on is the browser itself.
      const patience = setTimeout(() => settle(true), 2000);
      const ended = (took: boolean) => {
        clearTimeout(patience);
        settle(took);
      };
      opener.once('error', () => ended(false));
      opener.once('exit', (code) => ended(code === 0));
    });
  } catch {
    return false;
  }
}
