import { expect, it } from 'vitest';
import { loadNet } from '../src/index.js';

// This file imports no backend: vitest gives each test file a process of its own.
it('says which import is missing', async () => {
  await expect(loadNet(0)).rejects.toThrow(
    expect.objectContaining({
      name: 'PretrainedError',
      code: 'NO_BACKEND',
      message: expect.stringMatching(/No backend found.*import '@tensorflow\/tfjs-backend-cpu'/),
    }) as Error,
  );
});
