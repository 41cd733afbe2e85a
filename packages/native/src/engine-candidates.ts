import type { CandidateOptions, EngineCandidate } from '@mnist/engine';
import { nativeEngine } from './native-engine.js';
import { nativeSupport } from './native-support.js';

/** For `bestEngine`: the engine, where its addon loads. */
export function engineCandidates({ threads = 1 }: CandidateOptions = {}): readonly EngineCandidate[] {
  return [
    {
      name: 'native:cpu',
      device: 'cpu',
      async probe() {
        const support = nativeSupport();
        if (!support.available) return { ready: false, reason: support.reason, remedy: support.remedy };
        const best = support.paths.find(({ available }) => available);
        return {
          ready: true,
          engine: nativeEngine({ threads }),
          detail: best && `${best.precision} ${best.name}`,
        };
      },
    },
  ];
}
