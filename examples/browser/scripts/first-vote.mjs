// How long after the end of a stroke the committee's vote is on the page, in headless Chromium:
//   node scripts/first-vote.mjs [strokes]     with the nets of public/nets (scripts/prepare-nets.mjs)
import { cpus } from 'node:os';
import { drawStroke, servePage } from './serve-page.mjs';

const strokes = Number(process.argv[2] ?? 20);
const { page, close } = await servePage();
try {
  await page.evaluate(() => {
    // From the pen's lifting to the last change of the answer that follows from it.
    globalThis.times = [];
    let lifted;
    // Before the page hears of it, and from when the browser had it: waiting for a busy page counts too.
    addEventListener(
      'pointerup',
      ({ target, timeStamp }) => {
        lifted = target.id === 'pad' ? timeStamp : undefined;
        if (lifted !== undefined) globalThis.times.push(Number.NaN);
      },
      { capture: true },
    );
    new MutationObserver(() => {
      if (lifted !== undefined) globalThis.times[globalThis.times.length - 1] = performance.now() - lifted;
    }).observe(document.getElementById('verdict'), { childList: true });
  });
  for (let i = 0; i < strokes; i++) {
    const shift = 0.01 * (i % 7);
    await page.click('#clear');
    await drawStroke(page, [
      [0.3 + shift, 0.2],
      [0.7 + shift, 0.2],
      [0.45 + shift, 0.8],
    ]);
    await page.waitForTimeout(500);
  }
  const times = await page.evaluate(() => globalThis.times);
  const [first, ...later] = times;
  later.sort((a, b) => a - b);
  const ms = (value) => `${value.toFixed(0)} ms`;
  console.log(
    `${await page.textContent('#status')}; ${await page.inputValue('#backend')}; ${cpus()[0]?.model}, ${cpus().length} cores`,
  );
  console.log(
    `from lifting the pen to the vote on the page: first stroke ${ms(first)}, ${later.length} further: median ${ms(later[later.length >> 1])}, longest ${ms(later.at(-1))}; of it the votes: ${await page.textContent('#timing')}`,
  );
} finally {
  await close();
}
