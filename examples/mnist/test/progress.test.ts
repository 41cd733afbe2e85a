import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startProgress } from '../src/ui/progress.js';

function stream(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const target = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { target: Object.assign(target, { isTTY, columns }) as unknown as NodeJS.WriteStream, written };
}

describe('startProgress', () => {
  it('draws a bar with the time left on a terminal and clears it at the end', () => {
    const { target, written } = stream(true);
    let time = 0;
    const bar = startProgress({ label: 'training', total: 100, stream: target, now: () => time });
    bar.update(0);
    time = 10_000;
    bar.update(50, 'loss 0.1');
    expect(written.at(-1)).toMatch(/training {2}█{12}░{12} {2}50 % {2}10 s left {2}loss 0\.1/);
    bar.finish();
    expect(stripVTControlCharacters(written.slice(-2).join(''))).toContain('  training: done (10 s)\n');
  });

  it('writes plain lines elsewhere, seldom, and no escape codes', () => {
    const { target, written } = stream(false);
    let time = 0;
    const bar = startProgress({
      label: 'training',
      total: 100,
      stream: target,
      plainInterval: 1000,
      now: () => time,
    });
    for (let done = 0; done <= 100; done++) {
      time += 100;
      bar.update(done);
    }
    bar.finish();
    expect(written.length).toBeGreaterThan(5);
    expect(written.length).toBeLessThan(15);
    expect(written.join('')).not.toContain('\x1b');
  });

  it.each([0, 1, 5])('stays on its line on a terminal of %i columns', (columns) => {
    const { target, written } = stream(true, columns);
    const bar = startProgress({ label: 'training', total: 10, stream: target });
    bar.update(1);
    const visible = stripVTControlCharacters(written.join('')).replaceAll('\r', '');
    expect(visible.length).toBeGreaterThan(0);
    expect(visible.length).toBeLessThanOrEqual(columns === 0 ? 79 : 8);
    expect(visible).not.toContain('\n');
  });
});
