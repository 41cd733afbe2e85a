import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { sizeOf } from '@mnist/kit';
import { LocalStepRunner } from './runtime/local-step-runner.js';
import { insideGate } from './runtime/native-gate.js';
import type { StepRunner } from './runtime/step-plan.js';
import type { WorkerReply, WorkerRequest, WorkerStart } from './runtime/worker-protocol.js';

/** Entry point of the worker thread: a LocalStepRunner at the other end of a message port. */
async function serve(port: MessagePort, start: WorkerStart): Promise<void> {
  const reply = (message: WorkerReply) => port.postMessage(message);
  const fail = (error: unknown) =>
    reply({ kind: 'failure', error: error instanceof Error ? error : new Error(String(error)) });
  const images = new Float32Array(start.images);
  const targets = new Float32Array(start.targets);
  try {
    const runner = await insideGate(start.gate, () => LocalStepRunner.create(start.plan));
    port.on('message', (request: WorkerRequest) => {
      if (request.kind === 'steps') {
        // ONNX Runtime refuses tensors over shared memory.
        const { training, inputShape, classes } = start.plan;
        const count = request.scalars.length * training.batchSize;
        runner.images.set(images.subarray(0, count * sizeOf(inputShape)));
        runner.targets.set(targets.subarray(0, count * classes));
      }
      insideGate(start.gate, () => answer(runner, request, (done) => reply({ kind: 'progress', done })))
        .then((value) => reply({ kind: 'result', value }), fail)
        .finally(() => {
          if (request.kind === 'dispose') port.close();
        });
    });
    reply({ kind: 'ready' });
  } catch (error) {
    fail(error);
    port.close();
  }
}

async function answer(
  runner: StepRunner,
  request: WorkerRequest,
  onProgress: (done: number) => void,
): Promise<unknown> {
  switch (request.kind) {
    case 'prepare':
      return runner.prepare(request.graph);
    case 'steps':
      return runner.steps(request.count, request.step, request.scalars);
    case 'rewind':
      return runner.rewind();
    case 'predict':
      return runner.predict(request.images, onProgress);
    case 'read':
      return runner.read();
    case 'write':
      return runner.write(request.vectors);
    case 'dispose':
      return runner.dispose();
  }
}

if (parentPort) void serve(parentPort, workerData as WorkerStart);
