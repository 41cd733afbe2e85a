import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syntheticDigits } from '@mnist/dataset';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { tiny, useProgram } from './support/program.js';

const { place, run } = useProgram();
const story = [
  'run',
  '--preset',
  'quick',
  '--no-sweep',
  '--nets',
  '2',
  '--epochs',
  '2',
  '--out',
  'story',
  ...tiny,
];

// One story after the other in one folder: what a user does with a committee once it is there.
describe.sequential('a committee on synthetic digits', () => {
  it('run: trains, votes and reports, and never calls them MNIST', async () => {
    const { code, out, err } = await run([...story, '--json']);
    expect(err).toMatch(/SYNTHETIC DIGITS/);
    expect(code, err).toBe(0);
    const result = JSON.parse(out);
    expect(result.synthetic).toBe(true);
    expect(result.dataset).toBe('synthetic digits (not MNIST)');
    expect(result.members).toHaveLength(2);
    expect(result.committee.accuracy).toBeGreaterThan(0.6);
    const page = await readFile(result.report, 'utf8');
    expect(page).toContain('SYNTHETIC DIGITS');
    // The page counts by itself, and says what the committee achieved.
    expect(page).toContain(`<strong>${result.committee.errors} error`);
    for (const picture of ['augmentation', 'loss', 'accuracies', 'confusion']) {
      expect(existsSync(join(place.folder, 'story', 'report', `${picture}.png`)), picture).toBe(true);
    }
    const again = await run([...story, '--json']);
    expect(again.err).toMatch(/2 of 2 nets are complete from before/);
    expect(JSON.parse(again.out).committee).toEqual(result.committee);
  }, 300_000);

  it('population: grows it by a net, the others stay', async () => {
    const grown = await run([
      ...['population', 'story/population', '--preset', 'quick', '--count', '3', '--epochs', '2', '--json'],
      ...tiny,
    ]);
    // `run` draws fewer digits than `population`: another data set, so another population.
    expect(grown.err).toMatch(/another config|other options|POPULATION|belongs/i);
    expect(grown.code).not.toBe(0);
    const fresh = await run([
      ...['population', 'nets', '--preset', 'quick', '--count', '2', '--epochs', '1', '--json'],
      ...['--widths', '4,8,4'],
      ...tiny,
    ]);
    expect(fresh.code, fresh.err).toBe(0);
    expect(JSON.parse(fresh.out).nets).toHaveLength(2);
    const manifest = JSON.parse(await readFile(join(place.folder, 'nets', 'manifest.json'), 'utf8'));
    expect(manifest.config.net).toEqual({ name: 'committee', widths: [4, 8, 4] });
  }, 300_000);

  it('committee and curve: count votes', async () => {
    const committee = await run(['committee', 'story', '--committee', '1', '--trials', '3']);
    expect(committee.out).toMatch(/committee of 1, trial 3: \d+\.\d\d % \(\d+ errors\)/);
    expect(committee.out).toMatch(/synthetic digits \(not MNIST\)/);
    const curve = await run(['curve', 'story', '--sizes', '1,2', '--png', 'curve.png']);
    expect(curve.out).toMatch(/1 nets: .*\n.*2 nets: /);
    expect(existsSync(join(place.folder, 'curve.png'))).toBe(true);
    const figures = await run(['figures', 'story', '--trials', '3', '--out', 'figures.json']);
    expect(figures.out).toMatch(/2 nets, synthetic digits \(not MNIST\)/);
    const stored = JSON.parse(await readFile(join(place.folder, 'figures.json'), 'utf8'));
    expect(stored.all.mistakes).toHaveLength(stored.all.errors);
    expect(stored.coreHours).toBeGreaterThan(0);
  }, 60_000);

  it('verify: finds it sound', async () => {
    expect((await run(['verify', 'story'])).out).toMatch(/2 of 2 nets are sound/);
  });

  it('export: writes it in half precision, and evaluate finds there what the file promises, image by image', async () => {
    const exported = await run(['export', 'story', 'shipped', '--json']);
    expect(exported.code, exported.err).toBe(0);
    const file = JSON.parse(exported.out);
    expect(file).toMatchObject({ format: 2, combination: 'mean of probabilities', synthetic: true });
    expect(file.nets.map(({ index }: { index: number }) => index)).toEqual([0, 1]);
    const evaluated = JSON.parse((await run(['evaluate', 'shipped', '--json'])).out);
    expect(evaluated.errors).toBe(file.test.errors);
    expect(evaluated.members.map(({ errors }: { errors: number }) => errors)).toEqual(
      file.nets.map(({ errors }: { errors: number }) => errors),
    );
    expect(evaluated.comparison).toMatchObject({ sameEngine: true, moved: [], movedNets: [] });
    // In place of an earlier export: the same files, and none of a net that is no longer there.
    const path = join(place.folder, 'shipped', 'committee.json');
    const first = await readFile(path, 'utf8');
    await cp(join(place.folder, 'shipped', '001'), join(place.folder, 'shipped', '007'), { recursive: true });
    expect((await run(['export', 'story', 'shipped'])).code).toBe(0);
    expect(await readFile(path, 'utf8')).toBe(first);
    expect((await readdir(join(place.folder, 'shipped'))).sort()).toEqual(['000', '001', 'committee.json']);
    const other = JSON.parse(first);
    other.test.mistakes.pop();
    await writeFile(path, JSON.stringify(other));
    const doubted = await run(['evaluate', 'shipped']);
    expect(doubted.out).toMatch(/1 answer moved \(there and here by .*\):\n {2}test image \d+, a/);
    // An error only where the engine repeats its bits: this machine may have no binary of the native one.
    const { repeatable } = evaluated.comparison;
    if (repeatable)
      expect(doubted.err).toMatch(/error: .* gave other answers when this committee was exported/);
    expect(doubted.code, doubted.err).toBe(repeatable ? 1 : 0);
    other.test.computedBy = 'onnx:cpu';
    await writeFile(path, JSON.stringify(other));
    const differs = await run(['evaluate', 'shipped', '--engine', 'onnx:cpu']);
    expect(differs.out).toMatch(/\d+ answers? moved \(there and here by onnx:cpu\):\n {2}test image \d+, a/);
    expect(differs.code, differs.err).toBe(0);
  }, 180_000);

  it('evaluate and mistakes: test it', async () => {
    const evaluated = JSON.parse((await run(['evaluate', 'story', '--json', '--synthetic'])).out);
    expect(evaluated.count).toBe(10_000);
    expect(evaluated.members).toHaveLength(2);
    const mistakes = await run(['mistakes', 'story', '--show', '3', '--png', 'mistakes.png', '--json']);
    expect(JSON.parse(mistakes.out).mistakes.length).toBeGreaterThan(0);
    expect(existsSync(join(place.folder, 'mistakes.png'))).toBe(true);
  }, 120_000);

  it('report: names the page of a run, and draws that of a population from its nets', async () => {
    const page = join('story', 'report', 'index.html');
    const named = JSON.parse((await run(['report', 'story', '--json'])).out);
    expect(named).toMatchObject({ report: join(place.folder, page), drawn: false });
    const { code, out, err } = await run(['report', 'nets', '--json']);
    expect(code, err).toBe(0);
    const drawn = JSON.parse(out);
    expect(drawn).toMatchObject({ report: join(place.folder, 'nets-report', 'index.html'), drawn: true });
    expect(await readFile(drawn.report, 'utf8')).toContain('SYNTHETIC DIGITS');
    expect((await run(['verify', 'nets'])).code).toBe(0);
  }, 60_000);

  it('predict: reads pictures of digits', async () => {
    const digits = syntheticDigits({ count: 4, seed: 3, split: 'test' });
    const files: string[] = [];
    for (let i = 0; i < 4; i++) {
      const data = Uint8Array.from({ length: 784 }, (_, k) =>
        digits.images.get(i, Math.floor(k / 28), k % 28),
      );
      files.push(`digit-${i}.png`);
      await writeFile(
        join(place.folder, files[i]!),
        encode({ width: 28, height: 28, data, channels: 1, depth: 8 }),
      );
    }
    const { out, code, err } = await run(['predict', ...files, '--model', 'story', '--json']);
    expect(code, err).toBe(0);
    const { results, nets } = JSON.parse(out);
    expect(nets).toBe(2);
    expect(results).toHaveLength(4);
    const right = results.filter(
      ({ predicted }: { predicted: string }, i: number) => predicted === String(digits.labels.get(i)),
    );
    expect(right.length).toBeGreaterThanOrEqual(2);
    const member = await run(['predict', files[0]!, '--model', 'story/population/nets/0001', '--json']);
    expect(JSON.parse(member.out)).toMatchObject({ nets: 1, trainedOn: { kind: 'synthetic' } });
  }, 60_000);

  it('train --teacher: learns from the committee, whose answers a second student gets without asking', async () => {
    const student = (out: string, ...more: string[]) =>
      run([
        ...['train', '--net', 'committee', '--widths', '4,4,4', '--epochs', '1', '--teacher', 'story'],
        ...['--targets', 'targets', '--out', out, '--json', ...tiny, ...more],
      ]);
    const first = await student('first');
    expect(first.code, first.err).toBe(0);
    expect(first.err).toMatch(/views by 2 teachers/);
    const second = await student('second');
    expect(second.err).not.toMatch(/asking/);
    expect(JSON.parse(second.out).weightsSha256).toBe(JSON.parse(first.out).weightsSha256);
    const labels = await student('labels', '--label-share', '1');
    expect(JSON.parse(labels.out).weightsSha256).not.toBe(JSON.parse(first.out).weightsSha256);
    // A student is exported like a committee, and says who taught it.
    const exported = await run(['export', 'first', 'student', '--json']);
    expect(exported.code, exported.err).toBe(0);
    const { nets, recipe, test } = JSON.parse(exported.out);
    expect(nets).toHaveLength(1);
    expect(nets[0]).toMatchObject({ seed: 7, errorsInFullPrecision: JSON.parse(first.out).errors });
    expect(recipe).toMatchObject({ net: { widths: [4, 4, 4] }, distillation: { labelShare: 0.1 } });
    expect(recipe.distillation.teachers).toHaveLength(2);
    const evaluated = JSON.parse((await run(['evaluate', 'student', '--json'])).out);
    expect(evaluated).toMatchObject({ errors: test.errors, comparison: { moved: [], movedNets: [] } });
    const result = join(place.folder, 'second', 'result.json');
    await writeFile(result, '{"errors":');
    const cut = await run(['export', 'second', 'student']);
    expect(cut.code).toBe(4);
    expect(cut.err).toMatch(/result\.json is damaged: .* Repeat the command/);
    await rm(result);
    const untested = await run(['export', 'second', 'student']);
    expect(untested.code).toBe(2);
    expect(untested.err).toMatch(/result\.json: there is no such file\. Repeat the command/);
    const heldOut = await run(['train', '--held-out', '200', '--epochs', '1', '--out', 'part', ...tiny]);
    expect(heldOut.code, heldOut.err).toBe(0);
    expect((await run(['export', 'part', 'out'])).err).toMatch(/trained to compare recipes/);
    // Other views: the answers there would be to other questions.
    const other = await student('other', '--seed', '2');
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/other teachers, or to other views/);
    await writeFile(join(place.folder, 'targets', 'epoch-0000.f32'), 'cut');
    const damaged = await student('damaged');
    expect(damaged.code).toBe(4);
    expect(damaged.err).toMatch(/epoch-0000\.f32 has 3 bytes, expected \d+\. Delete it/);
  }, 180_000);

  it('compare-recipes: trains pairs without a block each, compares them, and goes on from what is there', async () => {
    const small = { net: { name: 'committee', widths: [4, 4, 4] }, epochs: 1, annihilationEpochs: 0 };
    await writeFile(
      join(place.folder, 'arms.json'),
      JSON.stringify({ base: small, elastic: { ...small, augmentation: 'elastic' } }),
    );
    const compare = ['compare-recipes', 'arms', '--arms', 'arms.json', '--pairs', '1', '--json', ...tiny];
    const first = await run(compare);
    expect(first.code, first.err).toBe(0);
    expect(first.err).toMatch(/on the held-out images/);
    expect(first.err).not.toMatch(/on the test images/);
    const { scores } = JSON.parse(first.out);
    expect(scores.map(({ name }: { name: string }) => name)).toEqual(['base', 'elastic']);
    expect(scores[1].difference.pairs).toBe(1);
    const stored = JSON.parse(await readFile(join(place.folder, 'arms', 'comparison.json'), 'utf8'));
    expect(stored.scores).toEqual(scores);
    expect((await readFile(join(place.folder, 'arms', 'comparison.png'))).subarray(1, 4).toString()).toBe(
      'PNG',
    );
    const again = await run(compare);
    expect(JSON.parse(again.out).scores).toEqual(scores);
    expect(again.err).toMatch(/2 of 2 nets are complete from before/);
    const empty = await run([...compare.slice(0, 1), 'empty', ...compare.slice(2), '--no-train']);
    expect(empty.code).toBe(2);
    expect(empty.err).toMatch(/holds no complete pair of nets/);
    const refused = await run(['export', 'arms/base', 'out']);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/trained to compare recipes/);
  }, 180_000);

  it('lr-find: sweeps and suggests', async () => {
    const { out, code, err } = await run([
      'lr-find',
      '--net',
      'lenet5',
      '--steps',
      '60',
      '--png',
      'lr.png',
      ...tiny,
    ]);
    expect(code, err).toBe(0);
    expect(out).toMatch(/suggestions\n {2}\w+/);
    expect(existsSync(join(place.folder, 'lr.png'))).toBe(true);
  }, 120_000);

  it('augment: draws a contact sheet', async () => {
    const { code, err } = await run([
      'augment',
      '--transform',
      'elastic',
      '--n',
      '8',
      '--png',
      'sheet.png',
      '--synthetic',
    ]);
    expect(code, err).toBe(0);
    expect(existsSync(join(place.folder, 'sheet.png'))).toBe(true);
  });
});
