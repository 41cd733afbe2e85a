import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Outcome, trainTiny, useProgram } from './support/program.js';

const { place, start, run } = useProgram();

describe('a training that is interrupted', () => {
  // Long enough that the signal comes while it trains: the first line that tells a step is printed after a second.
  const epochs = 12;
  const steps = 20 * epochs;
  let undisturbed: Promise<Outcome> | undefined;

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops in good order at %s and goes on from inside, to the same weights',
    async (signal) => {
      undisturbed ??= run(trainTiny('undisturbed', epochs));
      const { weightsSha256 } = JSON.parse((await undisturbed).out);
      const out = `stopped-by-${signal}`;
      const stopped = start(trainTiny(out, epochs));
      await stopped.printed(/step \d+/);
      stopped.child.kill(signal);
      const { code, err } = await stopped.finished;
      expect(code, err).toBe(130);
      const at = Number(/Stopped after (\d+) steps/.exec(err)?.[1]);
      expect(at).toBeGreaterThan(0);
      expect(at).toBeLessThan(steps);
      expect(existsSync(join(place.folder, out, 'model.json'))).toBe(false);
      const resumed = await run(trainTiny(out, epochs));
      expect(resumed.err).toMatch(new RegExp(`went on from step ${at}\\b`));
      expect(JSON.parse(resumed.out).weightsSha256).toBe(weightsSha256);
    },
    300_000,
  );

  it('leaves at once at a second Ctrl-C, and goes on from its last checkpoint to the same weights', async () => {
    undisturbed ??= run(trainTiny('undisturbed', epochs));
    const { weightsSha256 } = JSON.parse((await undisturbed).out);
    const out = 'stopped-twice';
    const stopped = start(trainTiny(out, epochs));
    await stopped.printed(/step \d+/);
    stopped.child.kill('SIGINT');
    await stopped.printed(/Ctrl-C again to leave at once/);
    stopped.child.kill('SIGINT');
    const { code, err } = await stopped.finished;
    expect(code, err).toBe(130);
    const resumed = await run(trainTiny(out, epochs));
    expect(resumed.code, resumed.err).toBe(0);
    expect(JSON.parse(resumed.out).weightsSha256).toBe(weightsSha256);
  }, 300_000);

  it('leaves at once at a second Ctrl-C, from inside a step, with code 130', async () => {
    const left = start([...trainTiny('left', 100), '--engine', 'onnx:cpu']);
    await left.printed(/step \d+/);
    left.child.kill('SIGINT');
    // At the latest when the first one is answered; the step in progress is still under way.
    await left.printed(/stopping after this step/);
    left.child.kill('SIGINT');
    const { code, err } = await left.finished;
    expect(code, err).toBe(130);
    expect(left.child.signalCode).toBeNull();
  }, 120_000);
});
