import type { CandidateOptions, EngineCandidate } from '@mnist/engine';
import { onnxEngine } from './onnx-engine.js';
import { messageOf } from './onnx-runtime.js';

/** For `bestEngine`: ONNX Runtime on the processor. */
export function engineCandidates({ threads = 1 }: CandidateOptions = {}): readonly EngineCandidate[] {
  return [
    {
      name: 'onnx:cpu',
      device: 'cpu',
      async probe() {
        try {
          const engine = onnxEngine({ threads });
          const { lowering, reason } = await engine.lowering();
          return { ready: true, engine, detail: `${lowering} lowering: ${reason}` };
        } catch (error) {
          return { ready: false, reason: messageOf(error) };
        }
      },
    },
  ];
}
