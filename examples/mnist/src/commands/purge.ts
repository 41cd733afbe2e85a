import { purgeQueue } from '@mnist/population';
import type { Command } from 'commander';
import { openTerminal } from '../ui/terminal.js';
import { addJsonOption } from './_options.js';

export function define(command: Command): void {
  addJsonOption(command.option('--queue <url>', 'redis://... or rediss://... (default: MNIST_QUEUE_URL)'));
  command.action(async (options: { queue?: string; json?: boolean }) => {
    const terminal = openTerminal({ json: options.json === true });
    const removed = await purgeQueue({ queue: options.queue });
    terminal.result(
      removed,
      `the queue is empty: ${removed.jobs} nets, ${removed.results} uncollected results and ${removed.checkpoints} checkpoints removed`,
    );
  });
}
