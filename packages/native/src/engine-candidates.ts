import type { CandidateOptions, EngineCandidate } from '@mnist/engine';
import type { NativePath } from './load-addon.js';
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
          more: whatIsMissing(support.paths),
        };
      },
    },
  ];
}

/** The paths that this machine cannot take, and why: 'without amx and avx512 (this processor lacks AVX-512)'. */
function whatIsMissing(paths: readonly NativePath[]): string | undefined {
  const reasons = new Map<string, Set<string>>();
  for (const { name, reason } of paths) {
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? new Set()).add(name));
  }
  const missing = [...reasons].map(([reason, names]) => `${[...names].join(' and ')} (${reason})`);
  return missing.length > 0 ? `without ${missing.join(', ')}` : undefined;
}
