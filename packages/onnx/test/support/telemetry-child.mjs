// node telemetry-child.mjs engine | bare: uses ONNX Runtime through this package, or as it comes.
import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';

if (process.argv[2] === 'engine') {
  const { availableProviders, engineCandidates, exportOnnx, onnxEngine } = await import(
    '../../dist/index.js'
  );
  const model = sequential({
    layers: [layers.flatten({ inputShape: [3, 3, 1] }), layers.dense({ units: 2 })],
  });
  const images = ndarray(new Float32Array(18), [2, 3, 3, 1]);
  await availableProviders();
  for (const worker of [true, false]) {
    const session = await onnxEngine({ worker }).open(model, { batchSize: 2 });
    await session.step(
      { images, labels: ndarray(new Uint8Array(2)) },
      { learningRate: 1, momentum: 0, weightDecay: 0 },
    );
    await session.predict(images);
    await session.dispose();
  }
  await exportOnnx(model);
  for (const candidate of engineCandidates()) await candidate.probe();
} else {
  const { InferenceSession } = await import('onnxruntime-node');
  await InferenceSession.create(new Uint8Array(4)).catch(() => undefined);
}
// Telemetry comes from a thread of its own.
await new Promise((resolve) => setTimeout(resolve, 2000));
