import { EngineError } from '@mnist/engine';
import { GraphBuilder } from './graph/graph-builder.js';
import type { Runtime } from './import-onnx-runtime.js';
import { blockedNode } from './lowering/blocked-convolution.js';
import { BlockedLowering } from './lowering/blocked-lowering.js';
import type { LoweringName } from './lowering/lowering.js';
import { MatmulLowering } from './lowering/matmul-lowering.js';
import { PortableLowering } from './lowering/portable-lowering.js';
import { messageOf } from './onnx-runtime.js';
import { probeGradient } from './probe-network.js';
import { sessionOptions } from './runtime/session-options.js';
import type { Provider, SessionSettings } from './runtime/step-plan.js';

/** Which lowering a machine can use, and why. */
export interface ProbeResult {
  readonly lowering: LoweringName;
  /** Channels in a block of the blocked lowering; 1 for the others. */
  readonly block: number;
  /** One sentence for logs. */
  readonly reason: string;
}

/** Largest difference between the lowerings' gradients, relative to the largest gradient. */
const TOLERANCE = 1e-4;
/** GPUs sum in another order, and some take square roots less exactly. TF32's 1e-3 is not let through. */
const DEVICE_TOLERANCE = 5e-4;
/** A multiple of every block size in use. */
const CHANNELS = 64;

/**
 * Finds out whether the blocked lowering gives right results here: reads the block size off a reordered counting
 * sequence, then trains a small network for one step in both lowerings and compares the gradients.
 */
export async function probeLowering(runtime: Runtime, settings: SessionSettings): Promise<ProbeResult> {
  if (settings.provider !== 'cpu') return probeDevice(runtime, settings);
  try {
    const block = await readBlockSize(runtime, settings);
    if (block === undefined) return portable('the blocked memory layout of this ONNX Runtime is unknown');
    const expected = await probeGradient(runtime, settings, (graph) => new PortableLowering(graph));
    const found = await probeGradient(runtime, settings, (graph) => new BlockedLowering(graph, block));
    const difference = relativeDifference(found, expected);
    if (!(difference <= TOLERANCE)) {
      return portable(`the blocked lowering's gradients differ by ${difference.toExponential(1)}`);
    }
    return {
      lowering: 'blocked',
      block,
      reason: `blocks of ${block} channels, gradients agree to ${difference.toExponential(1)}`,
    };
  } catch (error) {
    return portable(`this ONNX Runtime refuses the blocked operators (${messageOf(error)})`);
  }
}

/**
 * Trains the small network for one step on the device and on the processor. A device whose gradients differ is never used.
 * @throws EngineError ENGINE_UNAVAILABLE
 */
async function probeDevice(runtime: Runtime, settings: SessionSettings): Promise<ProbeResult> {
  const { provider } = settings;
  const writers = {
    portable: (graph: GraphBuilder) => new PortableLowering(graph),
    matmul: (graph: GraphBuilder) => new MatmulLowering(graph),
  };
  // cuDNN has good convolutions for kernel gradients; on an H200 committeeNet took 20.9 ms with them, 24.6 with products.
  const lowering = provider === 'webgpu' ? 'matmul' : 'portable';
  const onCpu = { ...settings, provider: 'cpu' } as const;
  const expected = await probeGradient(runtime, onCpu, writers.portable);
  let found: Float32Array;
  try {
    found = await probeGradient(runtime, settings, writers[lowering]);
  } catch (cause) {
    throw new EngineError(
      'ENGINE_UNAVAILABLE',
      `the provider '${provider}' does not start on this machine: ${reasonOf(cause)}. ${needs[provider] ?? ''}` +
        "Use provider 'cpu', which every machine has.",
      { cause },
    );
  }
  const difference = relativeDifference(found, expected);
  if (difference <= DEVICE_TOLERANCE) {
    return plain(
      lowering,
      `gradients on ${provider} agree with the processor's to ${difference.toExponential(1)}`,
    );
  }
  throw new EngineError(
    'ENGINE_UNAVAILABLE',
    `the provider '${provider}' computes wrong gradients on this machine (off by ${difference.toExponential(1)} of the largest). ` +
      "Use provider 'cpu', and update the driver.",
  );
}

const needs: Partial<Record<Provider, string>> = {
  webgpu:
    'It needs a GPU with a Vulkan driver and libvulkan1 (Linux), Direct3D 12 (Windows) or Metal (macOS). ',
  cuda: "It needs an NVIDIA driver, the CUDA and cuDNN libraries and ONNX Runtime's own. ",
};

/** The last sentence of ONNX Runtime's message, without its source positions. */
function reasonOf(error: unknown): string {
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.at(-1) ?? '').replace(/^.* was false\. /, '').replace(/^\/onnxruntime_src\S* /, '');
}

const portable = (reason: string) => plain('portable', reason);

function plain(lowering: LoweringName, reason: string): ProbeResult {
  return { lowering, block: 1, reason };
}

/** Reorders channel numbers into the blocked layout and looks where the second pixel's channel 0 went. */
async function readBlockSize(runtime: Runtime, settings: SessionSettings): Promise<number | undefined> {
  const graph = new GraphBuilder();
  const shape = [1, CHANNELS, 1, 2];
  const reordered = blockedNode(graph, 'ReorderInput', [graph.input('x', shape)]);
  graph.output('y', graph.reshape(reordered, [CHANNELS * 2]), [CHANNELS * 2]);
  const session = await runtime.InferenceSession.create(graph.build(), sessionOptions(settings));
  const x = Float32Array.from({ length: CHANNELS * 2 }, (_, index) => index);
  const { y } = await session.run({ x: new runtime.Tensor('float32', x, shape) });
  await session.release();
  const order = y!.data as Float32Array;
  // Element 2 c + p is channel c of pixel p; blocked: position (c / b) 2 b + p b + c % b.
  const block = order.indexOf(1);
  const isBlocked = order.every((value, position) => {
    const [channel, pixel] = [Math.floor(value / 2), value % 2];
    return position === Math.floor(channel / block) * 2 * block + pixel * block + (channel % block);
  });
  return block > 1 && isBlocked ? block : undefined;
}

function relativeDifference(found: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const worst = found.reduce(
    (largest, value, index) => Math.max(largest, Math.abs(value - expected[index]!)),
    0,
  );
  return found.every(Number.isFinite) ? worst / scale : Number.POSITIVE_INFINITY;
}
