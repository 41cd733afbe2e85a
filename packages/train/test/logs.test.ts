import '@tensorflow/tfjs-backend-cpu';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Callback,
  checkpoint,
  csvLog,
  fitModel,
  jsonlLog,
  progressBar,
  startProgress,
} from '../src/index.js';
import { engine, newPath, stopAfter, train } from './_callback-kit.js';
import { tinyBatch, tinyNet, tinySource } from './_tiny.js';

describe('csvLog and jsonlLog', () => {
  const report: Callback = {
    name: 'report',
    epochEnd: (run, epoch) => run.report({ validationAccuracy: 0.5 + epoch / 10 }),
  };
  it('write one row a step, with what was reported about it', async () => {
    const [csv, jsonl] = [newPath('.csv'), newPath('.jsonl')];
    await train([csvLog({ path: csv }), jsonlLog({ path: jsonl }), report], { learningRate: 0.25 });
    const rows = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(rows[0]).toBe(
      'step,epoch,loss,learningRate,momentum,weightDecay,seconds,validationLoss,validationAccuracy',
    );
    expect(rows).toHaveLength(11);
    expect(rows[1]).toMatch(/^0,0,[\d.e-]+,0\.25,0\.9,0,[\d.e-]+,,$/);
    expect(rows[5]).toMatch(/^4,0,.*,,0\.5$/);
    expect(rows[10]).toMatch(/^9,1,.*,,0\.6$/);
    const objects = readFileSync(jsonl, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(objects.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(objects[4].metrics).toEqual({ validationAccuracy: 0.5 });
    expect(objects[3].metrics).toBeUndefined();
  });
  it('keep the rows when the training fails', async () => {
    const path = newPath('.csv');
    const bad: Callback = {
      name: 'bad',
      stepEnd: (run) => {
        if (run.step === 3) throw new Error('no');
      },
    };
    await expect(train([csvLog({ path }), bad])).rejects.toThrow();
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(4);
  });
  it('set the log of an earlier training aside, or replace it where asked', async () => {
    const path = newPath('.csv');
    await train([csvLog({ path })]);
    const first = readFileSync(path, 'utf8');
    await train([csvLog({ path })]);
    expect(readFileSync(`${path}.old-1`, 'utf8')).toBe(first);
    await train([csvLog({ path, overwrite: true })]);
    expect(existsSync(`${path}.old-2`)).toBe(false);
  });
  it('refuse to go on under other columns, and leave the rows as they are', async () => {
    const path = newPath('.csv');
    const directory = newPath('');
    const save = () => checkpoint({ directory, everySteps: 5, resume: true });
    await train([csvLog({ path }), report, stopAfter(7), save()]);
    const before = readFileSync(path, 'utf8');
    const attempt = train([csvLog({ path, metrics: ['validationAccuracy'] }), report, save()]);
    await expect(attempt).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
    await expect(attempt).rejects.toThrow(/has the columns "step,.*this training would go on with/);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
  it('go on where a resumed training goes on, as if it had never stopped', async () => {
    const withoutSeconds = (path: string) =>
      readFileSync(path, 'utf8').replaceAll(/"(dataS|s)econds":[^,}]+/g, '"seconds":0');
    const [whole, resumed] = [newPath('.jsonl'), newPath('.jsonl')];
    await train([jsonlLog({ path: whole }), report]);
    const directory = newPath('');
    const save = () => checkpoint({ directory, everySteps: 5, resume: true });
    // Dies at step 8, three rows after the checkpoint.
    const die: Callback = {
      name: 'die',
      stepEnd: (run) => {
        if (run.step === 8) throw new Error('power cut');
      },
    };
    await expect(train([jsonlLog({ path: resumed }), report, die, save()])).rejects.toThrow('power cut');
    await train([jsonlLog({ path: resumed }), report, save()]);
    expect(withoutSeconds(resumed)).toBe(withoutSeconds(whole));
  });
});

describe('progressBar', () => {
  async function output(isTTY: boolean): Promise<string> {
    let text = '';
    let time = 0;
    const write = (part: string) => {
      text += part;
    };
    const stream = { isTTY, columns: 200, write };
    const tick: Callback = {
      name: 'tick',
      stepBegin: () => {
        time += 2000;
      },
    };
    const report: Callback = {
      name: 'report',
      epochEnd: (run) => run.report({ validationAccuracy: 0.9971 }),
    };
    await train([tick, report, progressBar({ stream, label: 'net 1' })], {
      now: () => time,
      learningRate: 4e-4,
    });
    return text;
  }
  it('writes plain lines where there is no terminal: one soon, one every ten seconds and the last', async () => {
    const lines = (await output(false)).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^net 1: 10 % {2}epoch 1 {2}step 1\/10 {2}loss/);
    expect(lines[1]).toMatch(
      /^net 1: 60 % {2}8\.0 s left {2}epoch 2 {2}step 6\/10 {2}loss [\d.]+ {2}lr 4\.00e-4 {2}validationAccuracy 99\.71 % {2}0\.500 steps\/s$/,
    );
    expect(lines[2]).toMatch(/step 10\/10 .* validationAccuracy 99\.71 % .* \(20 s\)$/);
    expect(lines.join()).not.toContain('\u001b');
  });
  it('redraws one line on a terminal, and leaves the figures', async () => {
    const text = await output(true);
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('\r\u001b[2Knet 1  ██████████░░░░░░░░░░  50 %  10 s left  epoch 1  step 5/10');
    expect(text.split('\u001b[2K').at(-1)).toMatch(/^net 1: epoch 2 {2}step 10\/10.*\(20 s\)\n$/);
  });
});

describe('startProgress', () => {
  function shown(columns: number | undefined) {
    let text = '';
    let time = 0;
    const write = (part: string) => {
      text += part;
    };
    const progress = startProgress({
      label: 'reading',
      total: 4,
      stream: { isTTY: true, columns, write },
      now: () => time,
    });
    for (let done = 0; done <= 4; done++) {
      progress.update(done, `part ${done}`);
      time += 1000;
    }
    return text.split('\r\u001b[2K').slice(1);
  }
  it.each([
    [0, 79],
    [undefined, 79],
    [60, 59],
    [12, 11],
    [1, 0],
  ])('on a terminal that says it has %s columns no line is longer than %i', (columns, longest) => {
    const lines = shown(columns);
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(longest);
  });
  it('tells the share, the note and the time left', () => {
    expect(shown(80)[2]).toBe('reading  ██████████░░░░░░░░░░  50 %  2.0 s left  part 2');
  });
  it.each([
    [undefined, [1.2, 11.4]],
    [2000, [1.2, 3.6, 6, 8.4, 10.8]],
    [600, [0.6, 1.2, 1.8, 2.4]],
  ])(
    'where there is no terminal a first plain line after a second, then one every %s ms (default 10,000)',
    (plainInterval, expected) => {
      let time = 0;
      const times: number[] = [];
      const progress = startProgress({
        label: '',
        total: 20,
        ...(plainInterval !== undefined && { plainInterval }),
        stream: { write: () => times.push(time / 1000) },
        now: () => time,
      });
      for (let done = 1; done <= 20; done++) {
        time += 600;
        progress.update(done);
      }
      expect(times.slice(0, expected.length)).toEqual(expected);
    },
  );
  it('takes 0 units for all there is, and logs without tearing', () => {
    let text = '';
    const write = (part: string) => {
      text += part;
    };
    const progress = startProgress({ label: '', total: 0, stream: { isTTY: true, write }, now: () => 0 });
    progress.update(0);
    progress.log('a line');
    progress.finish('read');
    expect(text).toBe(`\r\u001b[2K${'█'.repeat(20)}  100 %\r\u001b[2Ka line\nread (0.0 s)\n`);
  });
});

describe('fitModel', () => {
  it('trains with one cycle, records and validates', async () => {
    const { images, labels } = tinyBatch(20, 5);
    const { summary, history } = await fitModel({
      model: tinyNet(),
      engine,
      data: tinySource(),
      maxLearningRate: 2e-2,
      validationSet: { images, labels },
      progress: false,
    });
    expect(summary).toMatchObject({ reason: 'completed', steps: 10 });
    expect(Math.max(...history.learningRate)).toBeCloseTo(2e-2, 3);
    expect(history.metrics.validationAccuracy).toHaveLength(2);
  });
  it('refuses what it does not know', async () => {
    await expect(fitModel({ model: tinyNet(), engine, data: tinySource(), lr: 1 } as never)).rejects.toThrow(
      /fitModel: unknown option "lr"/,
    );
  });
});
