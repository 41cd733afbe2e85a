import { registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { compactNet, loadModel } from '../src/index.js';

// This file imports no backend: vitest gives each test file a process of its own.
const noBackend = (text: RegExp) =>
  expect.objectContaining({
    name: 'ModelError',
    code: 'NO_BACKEND',
    message: expect.stringMatching(text),
  }) as Error;

it('says which import is missing', async () => {
  expect(() => compactNet()).toThrow(noBackend(/No backend found.*import '@tensorflow\/tfjs-backend-cpu'/));
  await expect(loadModel('anywhere')).rejects.toThrow(noBackend(/loadModel/));
});

it('says to await a backend that starts asynchronously', () => {
  registerBackend('late', () => new Promise(() => {}));
  try {
    expect(() => compactNet()).toThrow(noBackend(/await tf.ready\(\)/));
  } finally {
    removeBackend('late');
  }
});
