import { resolve } from 'node:path';
import { runQueueWorker } from '@mnist/population';
import type { Command } from 'commander';
import { setDataDir } from '../experiment/datasets.js';
import { recipeUrl } from '../experiment/train-population.js';
import { gpuNames, lanesFor, onGpus } from '../machine/devices.js';
import { chooseEngine } from '../machine/engines.js';
import { InterruptedError } from '../ui/errors.js';
import { catchInterruption } from '../ui/interruption.js';
import { openTerminal } from '../ui/terminal.js';
import { positiveInteger } from './_options.js';

interface WorkerOptions {
  readonly queue?: string;
  readonly dataDir?: string;
  readonly gpus?: number;
  readonly workers?: number;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .option(
      '--queue <url>',
      'redis://user:password@host:6379 or rediss://... (default: MNIST_QUEUE_URL, which keeps the password out of the list of processes)',
    )
    .option('--data-dir <folder>', 'folder with the IDX files')
    .option(
      '--gpus <n>',
      'train on so many GPUs, one net at a time each, shared with all other programs of ours on this machine (default: those that an engine here is ready for)',
      positiveInteger,
    )
    .option(
      '--workers <n>',
      'nets trained at once on this machine (default: one a core, or one on a GPU)',
      positiveInteger,
    )
    .option('--json', 'print one JSON object on stdout at the end')
    .action(async (options: WorkerOptions) => {
      const terminal = openTerminal({ json: options.json === true });
      if (options.dataDir !== undefined) setDataDir(resolve(options.dataDir));
      const interruption = catchInterruption(() =>
        terminal.line('stopping: checkpoints go back to the queue (Ctrl-C again to leave at once)'),
      );
      try {
        const { workers, devices } =
          options.gpus === undefined
            ? await lanesFor((await chooseEngine({ engine: 'auto' })).verdict, options.workers)
            : onGpus(gpuNames(options.gpus));
        if (devices) terminal.line(`one net at a time on each of: ${devices.join(', ')}`);
        const summary = await runQueueWorker({
          queue: options.queue,
          recipe: recipeUrl,
          workers,
          devices,
          signal: interruption.signal,
          onEvent(event) {
            const time = new Date().toISOString().slice(11, 19);
            switch (event.type) {
              case 'ready':
                terminal.line(`${time} ready: waiting for nets`);
                break;
              case 'connection':
                terminal.line(
                  `${time} connection to the queue: ${event.connected ? 'there' : 'lost, trying again'}`,
                );
                break;
              case 'started':
                terminal.line(
                  `${time} net ${event.index + 1}: ${event.fromStep > 0 ? `goes on from step ${event.fromStep}` : 'starts'}`,
                );
                break;
              case 'finished':
                terminal.line(`${time} net ${event.index + 1}: finished`);
                break;
              case 'interrupted':
                terminal.line(`${time} net ${event.index + 1}: ${event.reason}`);
                break;
              case 'queueFull':
                terminal.line(`${time} the queue's Redis is full, trying again: ${event.message}`);
                break;
              case 'refused':
                terminal.line(`${time} job ${event.job} refused: ${event.error.message}`);
                break;
              case 'failed':
                terminal.line(`${time} net ${event.index + 1} failed: ${event.error.message}`);
                break;
            }
          },
        });
        if (interruption.signal.aborted && !summary.connected) {
          throw new InterruptedError(
            'Stopped while the queue was away. Nets in training go on elsewhere from their last checkpoint.',
          );
        }
        terminal.result(
          summary,
          `${summary.accepted} nets delivered, ${summary.interrupted} given back, ${summary.failed} failed`,
        );
      } finally {
        interruption.release();
      }
    });
}
