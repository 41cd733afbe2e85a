import type { PopulationEvent } from '@mnist/population';
import { startProgress } from '@mnist/train';

/**
 * Shows the events of a population's training: one bar for all nets, one line for each that is done.
 *
 * @param tested what the nets' accuracies are about
 */
export function showPopulation(
  title: string,
  count: number,
  tested: 'test images' | 'held-out images' = 'test images',
): { onEvent(event: PopulationEvent): void; finish(): void; stopping(): void } {
  const bar = startProgress({ label: `training ${title}`, total: 1, estimate: false });
  let complete = 0;
  let someWorker: boolean | undefined;
  const percent = (accuracy: number) => `${(accuracy * 100).toFixed(2)} %`;
  return {
    onEvent(event) {
      switch (event.type) {
        case 'opened':
          complete = event.complete.length;
          if (complete > 0)
            bar.log(`  ${complete} of ${count} nets are complete from before; going on with the rest`);
          break;
        case 'started':
          if (event.resumed) bar.log(`  net ${event.index + 1}: goes on from its last checkpoint`);
          else if (event.attempt > 1) bar.log(`  net ${event.index + 1}: attempt ${event.attempt}`);
          break;
        case 'completed': {
          const { testAccuracy, testErrors } = event.metrics ?? {};
          const figures =
            testAccuracy === undefined
              ? ''
              : `: ${percent(testAccuracy)} on the ${tested} (${testErrors} errors)`;
          bar.log(
            `  net ${event.index + 1} of ${count}${figures}${event.by === 'other' ? ', trained by another runner' : ''}`,
          );
          break;
        }
        case 'failed':
          bar.log(
            `  net ${event.index + 1} failed: ${event.error.message}${event.retryInMs === undefined ? '' : '; it will be tried again'}`,
          );
          break;
        case 'log':
          bar.log(`  net ${event.index + 1}: ${event.message}`);
          break;
        case 'workers':
          if (event.names.length > 0 !== someWorker) {
            someWorker = event.names.length > 0;
            bar.log(
              someWorker
                ? `  connected to the queue: ${event.names.join(', ')}`
                : '  no worker is connected to the queue; start `example-mnist worker` on one or more machines',
            );
          }
          break;
        case 'connection':
          bar.log(`  connection to the queue: ${event.connected ? 'there again' : 'lost, trying again'}`);
          break;
        case 'queueFull':
          bar.log(`  the queue's Redis is full; waiting for room: ${event.message}`);
          break;
        case 'setAside':
          bar.log(`  net ${event.index + 1} is damaged; moved to ${event.path}`);
          break;
        case 'interrupted':
          bar.log(`  net ${event.index + 1}: ${event.reason}; it will go on from its last checkpoint`);
          break;
        case 'progress': {
          const { fraction, complete: done, running, remainingSeconds } = event.progress;
          const losses = running.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
          const loss =
            losses.length > 0 ? `loss ${(losses.reduce((a, b) => a + b, 0) / losses.length).toFixed(3)}` : '';
          bar.update(
            fraction,
            [`${done}/${count} nets`, loss].filter(Boolean).join('  '),
            remainingSeconds === undefined ? undefined : remainingSeconds * 1000,
          );
          break;
        }
      }
    },
    stopping: () => bar.log('  stopping: each net writes its checkpoint (Ctrl-C again to leave at once)'),
    finish: () => bar.finish(`${count} nets complete`),
  };
}
