import { EngineError } from '@mnist/engine';
import { listProviders } from './available-providers.js';
import type { GraphBuilder } from './graph/graph-builder.js';
import type { Runtime } from './import-onnx-runtime.js';
import { BlockedLowering } from './lowering/blocked-lowering.js';
import type { Lowering } from './lowering/lowering.js';
import { MatmulLowering } from './lowering/matmul-lowering.js';
import { PortableLowering } from './lowering/portable-lowering.js';
import type { EngineSettings } from './onnx-engine-options.js';
import { type ProbeResult, probeLowering } from './probe.js';
import type { Provider } from './runtime/step-plan.js';

export interface ChosenLowering extends ProbeResult {
  /** Starts writing a graph in this lowering. */
  write(graph: GraphBuilder): Lowering;
}

/** One probe for each runtime and provider: its answer depends on nothing but the library and the device. */
const probes = new WeakMap<Runtime, Map<Provider, Promise<ProbeResult>>>();

/**
 * Picks the lowering: the one asked for, or for 'auto' the blocked one where the probe finds it right.
 * @throws EngineError ENGINE_UNAVAILABLE when the build lacks the provider, or the probe refuses a forced 'blocked'
 */
export async function chooseLowering(runtime: Runtime, settings: EngineSettings): Promise<ChosenLowering> {
  requireProvider(runtime, settings);
  // Read when CUDA's libraries start. Whoever wants TF32's speed for its 10 bits sets it to 1.
  if (settings.provider === 'cuda') process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  const { lowering } = settings;
  const isPlain = lowering === 'portable' || lowering === 'matmul';
  if (isPlain && settings.provider === 'cpu') return withWriter({ lowering, block: 1, reason: 'asked for' });
  const probed = await probe(runtime, settings);
  const result = isPlain ? { ...probed, lowering } : probed;
  if (settings.lowering === 'blocked' && result.lowering !== 'blocked') {
    throw new EngineError(
      'ENGINE_UNAVAILABLE',
      `lowering 'blocked' was asked for, but ${result.reason}; use lowering 'auto' or 'portable'.`,
    );
  }
  if (result.lowering === 'portable' && settings.provider === 'cpu') {
    settings.onNotice(`using the portable lowering: ${result.reason}`);
  }
  return withWriter(result);
}

function probe(runtime: Runtime, settings: EngineSettings): Promise<ProbeResult> {
  const { provider } = settings;
  const known = probes.get(runtime) ?? new Map<Provider, Promise<ProbeResult>>();
  probes.set(runtime, known);
  const result = known.get(provider) ?? probeLowering(runtime, { provider, threads: 1 });
  known.set(provider, result);
  return result;
}

function withWriter(result: ProbeResult): ChosenLowering {
  const write = (graph: GraphBuilder): Lowering =>
    result.lowering === 'blocked'
      ? new BlockedLowering(graph, result.block)
      : new { portable: PortableLowering, matmul: MatmulLowering }[result.lowering](graph);
  return { ...result, write };
}

function requireProvider(runtime: Runtime, { provider }: EngineSettings): void {
  const available = listProviders(runtime).map((entry) => entry.provider);
  if (available.includes(provider)) return;
  throw new EngineError(
    'ENGINE_UNAVAILABLE',
    `this build of onnxruntime-node has no provider '${provider}' (it has: ${available.join(', ')}); ` +
      "use provider 'cpu', which every build has.",
  );
}
