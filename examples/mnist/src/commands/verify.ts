import { verifyPopulation } from '@mnist/population';
import type { Command } from 'commander';
import { populationFolder } from '../nets/find-nets.js';
import { exitCodes } from '../ui/errors.js';
import { openTerminal } from '../ui/terminal.js';

export function define(command: Command): void {
  command
    .option('--json', 'print one JSON object on stdout')
    .action(async (folder: string, options: { json?: boolean }) => {
      const terminal = openTerminal({ json: options.json === true });
      const report = await verifyPopulation(await populationFolder(folder));
      const sound = report.nets.filter(({ ok }) => ok).length;
      const problems = report.problems.map(({ kind, path, message }) => `  ${kind}: ${path}: ${message}`);
      const missing =
        report.missing.length > 0
          ? [`  not trained yet: ${report.missing.map((index) => index + 1).join(', ')}`]
          : [];
      const remedy = report.ok
        ? []
        : [
            'Damaged nets are set aside and trained again by repeating the `run` or `population` command that made them with --retrain-damaged',
          ];
      terminal.result(
        report,
        [
          `${sound} of ${report.nets.length} nets are sound in ${report.folder}`,
          ...missing,
          ...problems,
          ...remedy,
        ].join('\n'),
      );
      if (!report.ok) process.exitCode = exitCodes.data;
    });
}
