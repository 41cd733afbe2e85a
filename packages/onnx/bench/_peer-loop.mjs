import { createInterface } from 'node:readline';

const WARM_UP_STEPS = 3;

/** Answers the bench's requests on the standard input. @param step trains on batch number `index` */
export async function serveSteps(step, batchSize) {
  let index = 0;
  for (; index < WARM_UP_STEPS; index++) await step(index);
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    const milliseconds = [];
    for (let count = Number(line.split(' ')[1]); count > 0; count--) {
      const start = performance.now();
      await step(index++);
      milliseconds.push(performance.now() - start);
    }
    // maxRSS is in kilobytes.
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    console.log(JSON.stringify({ milliseconds, peakBytes, batchSize }));
  }
}
