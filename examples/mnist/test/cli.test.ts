import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { define as defineRun } from '../src/commands/run.js';
import { describeError, exitCodes } from '../src/ui/errors.js';
import { useProgram } from './support/program.js';

const { run, start } = useProgram();

describe('the program', () => {
  it('explains itself, and each command', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    const names = ['run', 'train', 'lr-find', 'evaluate', 'mistakes', 'predict', 'augment', 'population'];
    for (const name of [...names, 'committee', 'curve', 'worker', 'verify', 'doctor']) {
      expect(out).toContain(`\n  ${name}`);
      const help = await run(['help', name]);
      expect(help.out, name).toMatch(/--json/);
      expect(help.code, name).toBe(0);
    }
    expect(out).toMatch(/Exit codes: 0 success/);
  }, 60_000);

  it.each([
    [['train', '--net', 'alexnet'], /Allowed choices are committee/],
    [['train', '--epochs', 'three'], /Expected a whole number/],
    [['train', '--seed', ''], /Expected a whole number from 0/],
    [['train', '--seed', '0x10'], /Expected a whole number from 0/],
    [['train', '--batch-size', ' 5'], /Expected a whole number/],
    [['train', '--lr', ''], /Expected a number above 0/],
    [['train', '--lr', '0x1'], /Expected a number above 0/],
    [['train', '--widths', '1,,3'], /Expected a whole number/],
    [['curve', 'x', '--sizes', ''], /Expected a whole number/],
    [['train', '--bogus'], /unknown option '--bogus'/],
    [['train', '--engine', 'tpu', '--synthetic'], /unknown engine 'tpu'. Known: auto, /],
    [['train', '--dataset', 'cifar'], /unknown data set 'cifar'. Known: mnist/],
    [['evaluate', 'nowhere', '--synthetic'], /holds no net/],
    [['committee', 'nowhere'], /nowhere/],
    [['predict', 'nothing.png', '--model', 'nowhere'], /holds no net/],
    [['predict', 'nothing.png', '--model', 'nowhere', '--pretrained'], /both named. Expected one/],
    [['evaluate'], /no nets are named. Expected .*--pretrained/],
    [['evaluate', 'nowhere', '--pretrained'], /nowhere and --pretrained are both named. Expected one/],
    [['evaluate', '--distilled', 'compact', '--pretrained'], /both named. Expected one/],
    [['evaluate', '--distilled', 'triple'], /Allowed choices are compact, double/],
    [['population', ''], /The folder is empty/],
    [['worker', '--queue', 'redis://me:s3cret@host:port'], /^(?!.*s3cret).*queue/is],
    [['train', '--synthetic', '--limit', '7'], /a batch of 100 cannot be filled from 7 images/],
  ])('answers %j with exit code 2 and a remedy', async (args, message) => {
    const { code, err } = await run(args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it('ends with code 3 where no data can be had, and lists where it looked', async () => {
    const { code, err } = await run(['train', '--no-download', '--dataset', 'kmnist']);
    expect(err).toMatch(/nowhere to be had/);
    expect(err).toMatch(/MNIST_DATA_DIR/);
    expect(err).toMatch(/--synthetic/);
    expect(code).toBe(3);
  });

  it('knows the shipped committee, and what it wants to be tested on', async () => {
    const { code, err } = await run(['evaluate', '--pretrained', '--no-download']);
    expect(err).toMatch(/MNIST: .* is nowhere to be had/);
    expect(code).toBe(3);
  });

  it('never draws digits in place of a folder that was named', async () => {
    const { code, out, err } = await run(['run', '--data-dir', 'no-such-folder', '--json']);
    expect(err).toMatch(/no-such-folder.*no such file there/);
    expect(out).toBe('');
    expect(code).toBe(3);
  });

  it('reports on the machine, and calls nothing ready that it has not run', async () => {
    const { code, out } = await run(['doctor', '--json']);
    const { findings } = JSON.parse(out) as { findings: { name: string; state: string; text: string }[] };
    const names = findings.map(({ name }) => name);
    for (const name of ['Node', 'processor', 'onnx:cpu', 'tfjs:tensorflow-gpu', 'data', 'folder']) {
      expect(names).toContain(name);
    }
    const onnx = findings.find(({ name }) => name === 'onnx:cpu')!;
    expect(onnx.text).toMatch(/one net of the quick preset takes about/);
    const cuda = findings.find(({ name }) => name === 'tfjs:tensorflow-gpu')!;
    expect(cuda.state).toBe('info');
    expect(code).toBe(0);
  }, 120_000);
});

it('a command that only prints ends well when nobody reads on', async () => {
  const help = start(['--help']);
  help.child.stdout.destroy();
  const { code, err } = await help.finished;
  expect(code, err).toBe(0);
  expect(err).toBe('');
});

describe('exit codes', () => {
  const kind = (value: string) => Object.assign(new Error('x'), { kind: value, code: 'X' });
  it.each([
    [kind('input'), exitCodes.input],
    [kind('data'), exitCodes.data],
    [kind('environment'), exitCodes.environment],
    [kind('internal'), exitCodes.internal],
    [new TypeError('x is not a function'), exitCodes.internal],
    [Object.assign(new Error('not a directory'), { code: 'ENOTDIR' }), exitCodes.input],
    [Object.assign(new Error('file exists'), { code: 'EEXIST' }), exitCodes.input],
    [Object.assign(new Error('no space left'), { code: 'ENOSPC' }), exitCodes.environment],
    [new DOMException('stopped', 'AbortError'), exitCodes.interrupted],
    ['a string', exitCodes.internal],
    [undefined, exitCodes.internal],
  ])('of %s is %i', (error, code) => expect(describeError(error).exitCode).toBe(code));

  it('shows a stack only of what nobody expected', () => {
    expect(describeError(new TypeError('odd')).text).toMatch(/\n\s+at /);
    expect(describeError(kind('input')).text).toBe('error: x');
  });
});

it('run leaves the number of workers to the device: nobody wrote a default over the rule', () => {
  const command = new Command();
  defineRun(command);
  expect(command.opts().workers).toBeUndefined();
});
