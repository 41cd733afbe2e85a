import { cancelPopulation } from '@mnist/population';
import type { Command } from 'commander';
import { populationFolder } from '../nets/find-nets.js';
import { openTerminal } from '../ui/terminal.js';
import { addJsonOption } from './_options.js';

export function define(command: Command): void {
  addJsonOption(command.option('--queue <url>', 'redis://... or rediss://... (default: MNIST_QUEUE_URL)'));
  command.action(async (folder: string, options: { queue?: string; json?: boolean }) => {
    const terminal = openTerminal({ json: options.json === true });
    const removed = await cancelPopulation({ queue: options.queue, folder: await populationFolder(folder) });
    terminal.result(
      removed,
      `${removed.jobs} nets taken off the queue, with ${removed.results} uncollected results and ${removed.checkpoints} checkpoints; the nets in the folder stay`,
    );
  });
}
